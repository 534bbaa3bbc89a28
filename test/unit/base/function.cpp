// SPDX-License-Identifier: BSL-1.0
//
// Proves that unique_function calls, moves and destroys its target exactly once, whether the target lies
// inside or on the heap, and that destroying a target may come back to the function that held it.
#include <oizys/function.hpp>

#include <catch2/catch.hpp>

#include <array>
#include <memory>
#include <string>
#include <type_traits>
#include <utility>

namespace
{

using oizys::unique_function;

// Counts how many of its kind are alive and must not be copied. Size makes it small or large.
template <std::size_t Size>
struct tracked
{
    explicit tracked(int& alive) : alive_{&alive} { ++*alive_; }
    tracked(tracked&& other) noexcept : alive_{other.alive_} { ++*alive_; }
    tracked(tracked const&) = delete;
    tracked& operator=(tracked const&) = delete;
    ~tracked() { --*alive_; }

    int operator()(int x) { return x + static_cast<int>(Size); }

    int* alive_;
    std::array<char, Size> ballast{};
};

// Small enough to lie inside, but its move may throw.
struct throwing_move
{
    explicit throwing_move(int& alive) : inner{alive} {}
    throwing_move(throwing_move&& other) noexcept(false) : inner{std::move(other.inner)} {}
    int operator()(int x) { return inner(x); }
    tracked<8> inner;
};

} // namespace

TEMPLATE_TEST_CASE("a function calls its target and destroys it once", "", tracked<1>, tracked<24>,
                   tracked<25>, tracked<400>, throwing_move)
{
    int alive = 0;
    {
        unique_function<int(int)> f{TestType{alive}};
        REQUIRE(f);
        CHECK(alive == 1);
        int const result = f(1);
        CHECK(result > 1);
        CHECK(f(1) == result);

        unique_function<int(int)> g{std::move(f)};
        CHECK(!f); // NOLINT(bugprone-use-after-move): a moved-from function is empty
        CHECK(alive == 1);
        CHECK(g(1) == result);

        f = std::move(g);
        CHECK(!g); // NOLINT(bugprone-use-after-move)
        CHECK(f(1) == result);
        CHECK(alive == 1);

        f = unique_function<int(int)>{TestType{alive}};
        CHECK(alive == 1);
        auto& same = f;
        f = std::move(same);
        CHECK(f(1) == result);

        f = nullptr;
        CHECK(!f);
        CHECK(alive == 0);

        f = TestType{alive};
    }
    CHECK(alive == 0);
}

TEST_CASE("a target of plain bytes survives moves")
{
    int a = 1, b = 2;
    unique_function<int()> f{[&a, &b] { return a * 10 + b; }};
    unique_function<int()> g{std::move(f)};
    CHECK(!f); // NOLINT(bugprone-use-after-move)
    CHECK(g() == 12);
    f = [] { return 3; }; // no bytes at all
    g = std::move(f);
    CHECK(!f); // NOLINT(bugprone-use-after-move)
    CHECK(g() == 3);

    std::array<int, 100> large{}; // on the heap
    large.back() = 4;
    f = [large] { return large.back(); };
    g = std::move(f);
    CHECK(g() == 4);
}

TEST_CASE("an empty function can be made, moved and destroyed")
{
    unique_function<void()> f;
    CHECK(!f);
    unique_function<void()> g{nullptr};
    CHECK(!g);
    f = std::move(g);
    CHECK(!f);
    unique_function<void()> const h{std::move(f)};
    CHECK(!h);
}

TEST_CASE("a function is moved and never copied, without exceptions")
{
    using f = unique_function<void()>;
    STATIC_REQUIRE(!std::is_copy_constructible_v<f> && !std::is_copy_assignable_v<f>);
    STATIC_REQUIRE(std::is_nothrow_move_constructible_v<f> && std::is_nothrow_move_assignable_v<f>);
    STATIC_REQUIRE(!std::is_constructible_v<f, int>);
    STATIC_REQUIRE(!std::is_constructible_v<unique_function<int()>, void (*)()>);
}

TEST_CASE("arguments and results that can only be moved pass through")
{
    unique_function<std::unique_ptr<int>(std::unique_ptr<int>, int&)> f{[](std::unique_ptr<int> p, int& n) {
        n = *p;
        return p;
    }};
    int n = 0;
    auto const p = f(std::make_unique<int>(7), n);
    CHECK(*p == 7);
    CHECK(n == 7);
}

TEST_CASE("a function without a result drops that of its target")
{
    int calls = 0;
    unique_function<void()> f{[&] { return ++calls; }};
    f();
    CHECK(calls == 1);
}

TEST_CASE("a target may replace the function that is destroying it")
{
    // The destructor of the old target looks at the function, which must hold the new target already.
    struct looks_back
    {
        explicit looks_back(unique_function<std::string()>& f, std::string& seen) : f_{&f}, seen_{&seen} {}
        looks_back(looks_back&& other) noexcept : f_{std::exchange(other.f_, nullptr)}, seen_{other.seen_} {}
        ~looks_back()
        {
            if (f_ != nullptr)
                *seen_ = *f_ ? (*f_)() : "empty";
        }
        std::string operator()() { return "old"; }
        unique_function<std::string()>* f_;
        std::string* seen_;
    };

    std::string seen;
    unique_function<std::string()> f;
    f = looks_back{f, seen};
    f = [] { return std::string{"new"}; };
    CHECK(seen == "new");
}

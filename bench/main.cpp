// SPDX-License-Identifier: BSL-1.0
//
// oizys_bench: measures sessions and calls beside what their sockets can do at best, all rows of a
// mode in turn and round after round, so that whatever disturbs the machine disturbs all of them.
#include "plan.hpp"
#include "processes.hpp"
#include "report.hpp"
#include "row.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <cstdio>
#include <exception>
#include <map>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

namespace bench
{
namespace
{

struct settings
{
    std::size_t rounds = 5;
    bool quick = false;
    bool two_cores = false;
    bool list = false;
    std::vector<std::string> modes; ///< beginnings of names; empty: all
    std::vector<std::string> rows;
    std::string json_file;
};

bool is_wanted(std::string_view name, std::vector<std::string> const& wanted)
{
    return wanted.empty() ||
           std::ranges::any_of(wanted, [&](auto const& beginning) { return name.starts_with(beginning); });
}

double ratio(double value, double raw) { return raw > 0 ? value / raw : 0; }

/// Whether it is asked for, or the limit of a row that is.
bool is_needed(row const& r, plan const& p, settings const& s)
{
    auto const needs = [&](row const& other) {
        return (other.name == r.name || other.limit == r.name) && other.supports(p) &&
               is_wanted(other.name, s.rows);
    };
    return r.supports(p) && std::ranges::any_of(all_rows(), needs);
}

void measure_round(plan const& p, settings const& s, placement where, std::size_t round, std::FILE* json,
                   std::vector<result>& results)
{
    std::map<std::string_view, measurement> limits;
    for (auto const& r : all_rows())
    {
        if (!is_needed(r, p, s))
            continue;
        temporary_folder const folder;
        auto here = p;
        here.path = folder.path() / "socket";
        auto const measured = run_processes(r, here, where);
        if (r.limit == r.name)
            limits[r.name] = measured;
        result out{.mode = p.mode, .row = r.name, .round = round, .payload = p.payload, .measured = measured};
        if (auto const limit = limits.find(r.limit); limit != limits.end())
        {
            out.p50_ratio = ratio(measured.p50_us, limit->second.p50_us);
            out.cpu_ratio = ratio(measured.cpu_ns(), limit->second.cpu_ns());
        }
        write_json(json, out, s.two_cores ? "two-cores" : "same-core");
        results.push_back(out);
    }
}

void measure(settings const& s)
{
    raise_open_files();
    auto const where = s.two_cores ? two_cores() : same_core();
    auto const plans = all_plans(s.quick);
    std::unique_ptr<std::FILE, int (*)(std::FILE*)> file{nullptr, &std::fclose};
    if (!s.json_file.empty())
    {
        file.reset(std::fopen(s.json_file.c_str(), "w"));
        if (!file)
            throw std::runtime_error{"cannot write " + s.json_file};
    }

    std::vector<result> results;
    for (std::size_t round = 1; round <= s.rounds; ++round)
    {
        for (auto const& p : plans)
        {
            if (is_wanted(p.mode, s.modes))
                measure_round(p, s, where, round, file ? file.get() : stdout, results);
        }
    }
    // Standard output belongs to the JSON lines unless these go to a file.
    auto* const table = file ? stdout : stderr;
    std::fprintf(table, "%s\n%zu rounds, %s\n\n", machine().c_str(), s.rounds,
                 s.two_cores ? "server and client on two cores" : "server and client on the same core");
    write_table(table, results);
    if (!s.quick)
        write_targets(table, results, s.two_cores);
}

void list()
{
    for (auto const& p : all_plans(false))
        std::printf("mode %s\n", p.mode.data());
    for (auto const& r : all_rows())
        std::printf("row  %s\n", r.name.data());
}

} // namespace
} // namespace bench

int main(int argc, char** argv)
{
    bench::settings s;
    CLI::App app{"Measures sessions and calls of oizys beside the limits of the sockets they use."};
    app.add_option("--rounds", s.rounds, "how often everything is measured")->capture_default_str();
    app.add_option("--mode", s.modes, "only modes that begin with this (repeatable)");
    app.add_option("--row", s.rows,
                   "only rows that begin with this, and what they are compared to (repeatable)");
    app.add_option("--json", s.json_file,
                   "write the JSON lines to this file, and the table to standard output");
    bool same_core = true;
    auto* const same =
        app.add_flag("--same-core", same_core, "server and client share a processor (the default)");
    app.add_flag("--two-cores", s.two_cores, "each has its own")->excludes(same);
    app.add_flag("--quick", s.quick, "few calls and one round: shows that it works, measures nothing");
    app.add_flag("--list", s.list, "print the names of modes and rows");
    CLI11_PARSE(app, argc, argv);
    try
    {
        if (s.quick)
            s.rounds = 1;
        s.list ? bench::list() : bench::measure(s);
        return 0;
    }
    catch (std::exception const& e)
    {
        std::fprintf(stderr, "oizys_bench: %s\n", e.what());
        return 1;
    }
}

// SPDX-License-Identifier: BSL-1.0
#include "processes.hpp"

#include "allocations.hpp"

#include <sched.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <exception>
#include <memory>
#include <new>
#include <stdexcept>
#include <string>
#include <vector>

namespace bench
{
namespace
{

constexpr unsigned time_limit = 120; // seconds, for one run of one row

std::vector<int> allowed_cpus()
{
    cpu_set_t set;
    CPU_ZERO(&set);
    ::sched_getaffinity(0, sizeof set, &set);
    std::vector<int> cpus;
    for (int cpu = 0; cpu < CPU_SETSIZE; ++cpu)
    {
        if (CPU_ISSET(static_cast<unsigned>(cpu), &set))
            cpus.push_back(cpu);
    }
    if (cpus.empty())
        throw std::runtime_error{"cannot find out which processors may be used"};
    return cpus;
}

void pin(int cpu)
{
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET(static_cast<unsigned>(cpu), &set);
    if (::sched_setaffinity(0, sizeof set, &set) != 0)
        throw std::runtime_error{"cannot pin a process to processor " + std::to_string(cpu)};
}

/// Runs `body` in a child process and returns its id.
template <class Body>
pid_t start_process(char const* name, int cpu, std::uint64_t& allocations, Body body)
{
    auto const pid = ::fork();
    if (pid < 0)
        throw std::runtime_error{"cannot start a process"};
    if (pid != 0)
        return pid;
    ::prctl(PR_SET_PDEATHSIG, SIGKILL); // nothing is left behind when the controller is interrupted
    ::alarm(time_limit);
    try
    {
        pin(cpu);
        count_allocations_in(allocations);
        body();
        ::_exit(0);
    }
    catch (std::exception const& e)
    {
        std::fprintf(stderr, "%s: %s\n", name, e.what());
        ::_exit(1);
    }
}

bool ended_well(pid_t pid)
{
    int status = 0;
    return ::waitpid(pid, &status, 0) == pid && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

std::shared_ptr<shared_page> make_shared_page()
{
    auto* const memory =
        ::mmap(nullptr, sizeof(shared_page), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED)
        throw std::bad_alloc{};
    return {::new (memory) shared_page{}, [](shared_page* page) { ::munmap(page, sizeof *page); }};
}

} // namespace

placement same_core()
{
    auto const cpu = allowed_cpus().back();
    return {.server_cpu = cpu, .client_cpu = cpu};
}

placement two_cores()
{
    auto const cpus = allowed_cpus();
    if (cpus.size() < 2)
        throw std::runtime_error{"there is only one processor"};
    return {.server_cpu = cpus.back(), .client_cpu = cpus[cpus.size() - 2]};
}

temporary_folder::temporary_folder()
{
    auto name = (std::filesystem::temp_directory_path() / "oizys-bench-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr)
        throw std::runtime_error{"cannot make the folder " + name};
    path_ = name;
}

temporary_folder::~temporary_folder()
{
    std::error_code ec; // ignored: what is left of it does no harm
    std::filesystem::remove_all(path_, ec);
}

void raise_open_files()
{
    rlimit limit{};
    ::getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    ::setrlimit(RLIMIT_NOFILE, &limit);
}

measurement run_processes(row const& r, plan const& p, placement where)
{
    auto const page = make_shared_page();
    auto const server =
        start_process("server", where.server_cpu, page->server_allocations, [&] { r.serve(p); });
    auto const client = start_process("client", where.client_cpu, page->client_allocations, [&] {
        meter m{p, server, *page};
        r.run(p, m);
    });
    bool const done = ended_well(client);
    ::kill(server, SIGTERM);
    ::waitpid(server, nullptr, 0);
    if (!done)
        throw std::runtime_error{std::string{r.name} + " failed in mode " + std::string{p.mode}};
    return page->result;
}

} // namespace bench

// SPDX-License-Identifier: BSL-1.0
//
// The program `oizys`: one file for each sub-command, named after it.
#include "command_line.hpp"

int main(int argc, char** argv) { return oizys::cli::run_program(argc, argv); }

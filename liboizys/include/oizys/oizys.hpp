// SPDX-License-Identifier: BSL-1.0
//
// Everything that a program written for liboizys 1.x expects from this one include, Asio among it.
// New code includes the narrow headers instead and compiles faster.
#pragma once

#include <oizys/api.hpp>
#include <oizys/connect.hpp>
#include <oizys/endpoint.hpp>
#include <oizys/error.hpp>
#include <oizys/listener.hpp>
#include <oizys/session.hpp>
#include <oizys/session_i.hpp>
#include <oizys/version.hpp>

#include <boost/asio.hpp>

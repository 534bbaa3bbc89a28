// SPDX-License-Identifier: BSL-1.0
//
// What every generated Python module has.
#pragma once

namespace oizys::generate
{

/// Imports, errors, the connection and conversions; in front of the types.
inline constexpr char const* python_runtime = R"py(
from __future__ import annotations

import base64
import datetime
import enum
import json
import socket
from dataclasses import dataclass
from typing import Any, Callable, Dict, List, Optional, Protocol, Sequence, Tuple, TypeVar, Union, cast

_T = TypeVar("_T")
_E = TypeVar("_E", bound=enum.Enum)


class RpcError(Exception):
    """What the other end answered instead of a result."""

    def __init__(self, code: int, message: str, data: Any = None) -> None:
        super().__init__(f"{message} ({code})")
        self.code = code
        self.message = message
        self.data = data


class Caller(Protocol):
    """Whatever can carry a call: a Connection, or something of your own."""

    def call(self, method: str, params: Union[Sequence[Any], Dict[str, Any]]) -> Any:
        """Returns the result as JSON has it; raises RpcError if there is none."""


class Connection:
    """JSON-RPC 2.0 to a server: the path of a Unix socket, or (host, port). Use it in one thread at a time."""

    def __init__(self, where: Union[str, Tuple[str, int]], timeout: Optional[float] = 30.0) -> None:
        if isinstance(where, str):
            self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            self._socket.settimeout(timeout)
            self._socket.connect(where)
        else:
            self._socket = socket.create_connection(where, timeout)
        self._input = self._socket.makefile("rb")
        self._last_id = 0

    def __enter__(self) -> Connection:
        return self

    def __exit__(self, *_: Any) -> None:
        self.close()

    def close(self) -> None:
        self._input.close()
        self._socket.close()

    def call(self, method: str, params: Union[Sequence[Any], Dict[str, Any]]) -> Any:
        self._last_id += 1
        request = {"jsonrpc": "2.0", "id": self._last_id, "method": method, "params": params}
        self._socket.sendall(json.dumps(request).encode() + b"\n")
        while True:
            line = self._input.readline()
            if not line.endswith(b"\n"):
                raise ConnectionError("the connection has ended")
            answer = json.loads(line)
            if not isinstance(answer, dict) or "method" in answer or answer.get("id") != self._last_id:
                continue  # what the other end calls or tells is not served here
            error = answer.get("error")
            if error is not None:
                raise RpcError(error["code"], error["message"], error.get("data"))
            return answer.get("result")


def _refuse(expected: str, value: Any) -> TypeError:
    return TypeError(f"expected {expected}, got {type(value).__name__}")


def _any(value: Any) -> Any:
    return value


def _none(value: Any) -> None:
    if value is not None:
        raise _refuse("null", value)


def _bool(value: Any) -> bool:
    if not isinstance(value, bool):
        raise _refuse("a boolean", value)
    return value


def _int(value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise _refuse("an integer", value)
    return value


def _float(value: Any) -> float:
    if not isinstance(value, (int, float)) or isinstance(value, bool):
        raise _refuse("a number", value)
    return float(value)


def _str(value: Any) -> str:
    if not isinstance(value, str):
        raise _refuse("a string", value)
    return value


def _bytes(value: Any) -> bytes:
    return base64.b64decode(_str(value), validate=True)


def _time(value: Any) -> datetime.datetime:
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return datetime.datetime.fromtimestamp(value, datetime.timezone.utc)
    text = _str(value)
    if text[-1:] in ("Z", "z"):
        text = text[:-1] + "+00:00"
    point = text.find(".")
    if point != -1:  # to microseconds, as older versions want it
        end = point + 1
        while text[end : end + 1].isdigit():
            end += 1
        text = text[: point + 1] + text[point + 1 : end][:6].ljust(6, "0") + text[end:]
    return datetime.datetime.fromisoformat(text)


def _dict(value: Any) -> Dict[str, Any]:
    if not isinstance(value, dict):
        raise _refuse("an object", value)
    return value


def _items(value: Any, count: Optional[int] = None) -> List[Any]:
    if not isinstance(value, list):
        raise _refuse("an array", value)
    if count is not None and len(value) != count:
        raise TypeError(f"expected {count} elements, got {len(value)}")
    return value


def _list_of(convert: Callable[[Any], _T], count: Optional[int] = None) -> Callable[[Any], List[_T]]:
    return lambda value: [convert(item) for item in _items(value, count)]


def _dict_of(convert: Callable[[Any], _T]) -> Callable[[Any], Dict[str, _T]]:
    return lambda value: {name: convert(item) for name, item in _dict(value).items()}


def _int_dict_of(convert: Callable[[Any], _T]) -> Callable[[Any], Dict[int, _T]]:
    return lambda value: {int(name): convert(item) for name, item in _dict(value).items()}


def _optional(convert: Callable[[Any], _T]) -> Callable[[Any], Optional[_T]]:
    return lambda value: None if value is None else convert(value)


def _enum(kind: Callable[[Any], _E]) -> Callable[[Any], _E]:
    return lambda value: kind(value)


def _first_of(value: Any, *converters: Callable[[Any], Any]) -> Any:
    for convert in converters:
        try:
            return convert(value)
        except (TypeError, ValueError):
            pass
    raise _refuse("something else", value)


def _wire(value: Any) -> Any:
    """The value as JSON has it."""
    if hasattr(value, "to_wire"):
        return value.to_wire()
    if isinstance(value, enum.Enum):
        return value.value
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if isinstance(value, datetime.datetime):
        return value.astimezone(datetime.timezone.utc).isoformat().replace("+00:00", "Z")
    if isinstance(value, dict):
        return {str(name): _wire(item) for name, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_wire(item) for item in value]
    return value


def _positional(*values: Any) -> List[Any]:
    """Without the last ones that are None."""
    count = len(values)
    while count != 0 and values[count - 1] is None:
        count -= 1
    return [_wire(value) for value in values[:count]]
)py";

} // namespace oizys::generate

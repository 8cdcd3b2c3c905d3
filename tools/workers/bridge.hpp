// A call that tells its result on another thread, as something that a coroutine awaits on its own executor.
#pragma once

#include "store/result.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <functional>
#include <memory>
#include <utility>

namespace provenbl::tools::workers {

// `call` is given a std::function<void(Result<T>)>, which it calls once, from any thread.
template <class T, class Call> boost::asio::awaitable<Result<T>> bridged(Call call) {
    namespace asio = boost::asio;
    const asio::any_io_executor executor = co_await asio::this_coro::executor;
    auto initiate = [executor, &call](auto handler) {
        // std::function copies what it holds, and a handler can't be copied.
        auto shared = std::make_shared<decltype(handler)>(std::move(handler));
        auto guard =
            std::make_shared<asio::executor_work_guard<asio::any_io_executor>>(asio::make_work_guard(executor));
        std::function<void(Result<T>)> done = [executor, shared, guard](Result<T> result) {
            asio::post(executor, [shared, result = std::move(result)]() mutable { (*shared)(std::move(result)); });
            guard->reset();
        };
        call(std::move(done));
    };
    co_return co_await asio::async_initiate<const asio::use_awaitable_t<>, void(Result<T>)>(std::move(initiate),
                                                                                            asio::use_awaitable);
}

} // namespace provenbl::tools::workers

// A write transaction that a coroutine waits for, without holding its thread.
//
// The store calls back on its writer's thread; commit() resumes the coroutine on its own executor, after
// the commit is durable. The execution context counts the wait as work, so it does not run dry meanwhile.
#pragma once

#include "store/store.hpp"
#include "verifier/network.hpp"

namespace provenbl::verifier {

// `work` may run more than once (store.hpp), so what it finds out goes into something that it shares.
Awaitable<Result<>> commit(Store& store, Store::Work work);

// Returns when every completion handed to the store before has been called and has returned. Whoever
// destroys an execution context that coroutines committed from calls this first.
void drain_commits(Store& store);

} // namespace provenbl::verifier

// The bus over NATS JetStream. nats.h is known in this directory alone.
//
// Two work queues: the stream PROVENBL_SCANS (subject provenbl.scans, pull consumer `workers`: explicit
// acknowledgement, a time in which it is due, a bound of deliveries) and PROVENBL_RESULTS (provenbl.results, consumer
// `coordinator`); both are bounded in messages, bytes and age, and refuse what is beyond. Requests go over plain NATS
// to provenbl.desk. The coordinator makes streams and consumers, and empties the queue of scans when it starts: what
// was out then is no more.
#pragma once

#include "tools/workers/bus.hpp"
#include "tools/workers/settings.hpp"

#include <memory>

namespace provenbl::tools::workers {

// The setting outlives the bus.
[[nodiscard]] std::unique_ptr<CoordinatorBus> nats_coordinator_bus(const Settings& settings);
[[nodiscard]] std::unique_ptr<WorkerBus> nats_worker_bus(const NatsSettings& settings, std::size_t requests_at_once);

} // namespace provenbl::tools::workers

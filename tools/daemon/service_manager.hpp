// Telling systemd how we are (sd_notify(3)). Without a service manager all of it does nothing.
#pragma once

#include <string_view>

namespace provenbl::tools::service_manager {

// A new configuration is being read; `ready` ends that.
void reloading();
// Everything listens; `status` is what `systemctl status` shows.
void ready(std::string_view status);
void stopping();

} // namespace provenbl::tools::service_manager

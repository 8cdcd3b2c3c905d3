#include "store/records.hpp"

namespace provenbl {

std::string_view to_string(Verdict verdict) {
    switch (verdict) {
    case Verdict::open:
        return "open";
    case Verdict::refused:
        return "refused";
    case Verdict::closed_port:
        return "closed-port";
    case Verdict::unreachable:
        return "unreachable";
    case Verdict::inconclusive:
        return "inconclusive";
    }
    return "unknown";
}

std::string_view to_string(ScanKind kind) {
    switch (kind) {
    case ScanKind::owner:
        return "owner";
    case ScanKind::report:
        return "report";
    case ScanKind::rescan:
        return "rescan";
    }
    return "unknown";
}

std::string_view to_string(ScanState state) {
    switch (state) {
    case ScanState::queued:
        return "queued";
    case ScanState::running:
        return "running";
    case ScanState::finished:
        return "finished";
    }
    return "unknown";
}

std::string_view to_string(SinkKind kind) {
    switch (kind) {
    case SinkKind::mail:
        return "mail";
    case SinkKind::callback:
        return "callback";
    case SinkKind::datagram:
        return "datagram";
    }
    return "unknown";
}

std::string_view to_string(ChangeReason reason) {
    switch (reason) {
    case ChangeReason::proven:
        return "proven";
    case ChangeReason::secured:
        return "secured";
    case ChangeReason::silent:
        return "silent";
    case ChangeReason::inconclusive:
        return "inconclusive";
    case ChangeReason::expired:
        return "expired";
    case ChangeReason::excluded:
        return "excluded";
    case ChangeReason::configuration:
        return "configuration";
    case ChangeReason::manual:
        return "manual";
    case ChangeReason::manual_ended:
        return "manual-ended";
    case ChangeReason::purged:
        return "purged";
    case ChangeReason::shutdown:
        return "shutdown";
    case ChangeReason::resumed:
        return "resumed";
    }
    return "unknown";
}

std::string_view to_string(ReportState state) {
    switch (state) {
    case ReportState::open:
        return "open";
    case ReportState::right:
        return "right";
    case ReportState::wrong:
        return "wrong";
    case ReportState::unclear:
        return "unclear";
    case ReportState::withdrawn:
        return "withdrawn";
    }
    return "unknown";
}

std::string_view to_string(NoticeKind kind) {
    switch (kind) {
    case NoticeKind::purge:
        return "purge";
    case NoticeKind::shutdown:
        return "shutdown";
    case NoticeKind::resumed:
        return "resumed";
    }
    return "unknown";
}

ClassSet Host::classes() const {
    ClassSet set;
    for (const auto& hole : holes) set.insert(hole.cls);
    for (const auto& entry : manual) set.insert(entry.cls);
    return set;
}

} // namespace provenbl

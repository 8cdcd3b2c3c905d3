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
    return kind == SinkKind::mail ? "mail" : "callback";
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
    }
    return "unknown";
}

ClassSet Host::classes() const {
    ClassSet set;
    for (const auto& hole : holes) set.insert(hole.cls);
    return set;
}

} // namespace provenbl

// One list of fields for each record. Inside the codec only.
//
// The same list writes and reads. Tags are for ever, and grow within a list: a reader counts on nothing, but is fastest
// where fields come in the order in which they are asked for.
#pragma once

#include "store/access_key.hpp"
#include "store/exclusion_request.hpp"
#include "store/exclusion_sweep.hpp"
#include "store/letter.hpp"
#include "store/mirror.hpp"
#include "store/records.hpp"

#include <concepts>
#include <type_traits>

namespace provenbl::codec {

template <class A, class T>
concept Is = std::same_as<std::remove_const_t<A>, T>;

template <class Archive, Is<ScanStep> R> void describe(Archive& a, R& r) {
    a(1, r.at);
    a(2, r.technique);
    a(3, r.target);
    a(4, r.port);
    a(5, r.verdict);
    a(6, r.detail);
}

template <class Archive, Is<Scan> R> void describe(Archive& a, R& r) {
    a(1, r.id);
    a(2, r.host);
    a(3, r.kind);
    a(4, r.state);
    a(5, r.requested);
    a(6, r.due);
    a(7, r.started);
    a(8, r.finished);
    a(9, r.ports);
    a(11, r.outcome);
    a(12, r.targets);
    a.packed_list(13, 10, r.steps); // 10: as they lie in older records, unpacked
}

template <class Archive, Is<PendingProbe> R> void describe(Archive& a, R& r) {
    a(1, r.id);
    a(2, r.target);
    a(3, r.technique);
    a(4, r.cls);
    a(5, r.sink);
    a(6, r.written);
    a(7, r.expires);
    a(8, r.repeat);
    a(9, r.software);
    a.packed(10, r.transcript);
    a(11, r.arrived);
    a(12, r.arrived_at);
    a(13, r.exit);
    a(14, r.sink_port);
    a.packed(15, r.message);
    a(16, r.redeemed);
    a(17, r.case_id);
    a(18, r.ordinal);
    a(19, r.carrier);
}

template <class Archive, Is<Hole> R> void describe(Archive& a, R& r) {
    a(1, r.technique);
    a(2, r.entry);
    a(3, r.port);
    a(4, r.cls);
    a(5, r.ordinal);
    a(6, r.first_proven);
    a(7, r.last_proven);
}

template <class Archive, Is<ManualListing> R> void describe(Archive& a, R& r) {
    a(1, r.cls);
    a(2, r.reason);
    a(3, r.by);
    a(4, r.since);
    a(5, r.until);
}

template <class Archive, Is<Host> R> void describe(Archive& a, R& r) {
    a(1, r.address);
    a(2, r.holes);
    a(3, r.case_id);
    a(4, r.listed_since);
    a(5, r.delisted_at);
    a(6, r.last_scan);
    a(7, r.last_answer);
    a(8, r.scans);
    a(9, r.clean_streak);
    a(10, r.silent_streak);
    a(11, r.inconclusive_streak);
    a(12, r.relistings);
    a(13, r.software);
    a(14, r.running_scan);
    a(15, r.queued_scan);
    a(16, r.due_kind);
    a(17, r.due);
    a(18, r.last_counted);
    a(19, r.open_answers);
    a(20, r.next_ordinal);
    a(21, r.manual);
    a(22, r.pardoned);
}

template <class Archive, Is<CaseEvidence> R> void describe(Archive& a, R& r) {
    a(1, r.host);
    a(2, r.case_id);
    a(3, r.ordinal);
    a(4, r.technique);
    a(5, r.cls);
    a(6, r.entry);
    a(7, r.exit);
    a(8, r.sink_port);
    a(9, r.token);
    a(10, r.sent);
    a(11, r.arrived);
    a(12, r.software);
    a(13, r.repeat);
    a.packed(14, r.transcript);
    a.packed(15, r.message);
}

template <class Archive, Is<Report> R> void describe(Archive& a, R& r) {
    a(1, r.id);
    a(2, r.host);
    a(3, r.ports);
    a(4, r.reporter);
    a(5, r.comment);
    a(6, r.received);
    a(7, r.scan_id);
    a(8, r.reporter_id);
    a(9, r.count);
    a(10, r.last);
    a(11, r.state);
    a(12, r.named);
}

template <class Archive, Is<Reporter> R> void describe(Archive& a, R& r) {
    a(1, r.id);
    a(2, r.name);
    a(3, r.key_hash);
    a(4, r.note);
    a(5, r.trap);
    a(6, r.per_hour);
    a(7, r.per_day);
    a(8, r.standing);
    a(9, r.received);
    a(10, r.right);
    a(11, r.wrong);
    a(12, r.created);
    a(13, r.revoked);
    a(14, r.hour_begun);
    a(15, r.day_begun);
    a(16, r.in_hour);
    a(17, r.in_day);
}

template <class Archive, Is<Notice> R> void describe(Archive& a, R& r) {
    a(1, r.id);
    a(2, r.at);
    a(3, r.kind);
    a(4, r.text);
    a(5, r.by);
    a(6, r.purge_id);
    a(7, r.delisted);
}

template <class Archive, Is<PurgeFilter> R> void describe(Archive& a, R& r) {
    a(1, r.since);
    a(2, r.until);
    a(3, r.technique);
    a(4, r.reporter);
    a(5, r.actor);
    a(6, r.everywhere);
    a(7, r.prefix);
}

template <class Archive, Is<Purge> R> void describe(Archive& a, R& r) {
    a(1, r.id);
    a(2, r.filter);
    a(3, r.note);
    a(4, r.by);
    a(5, r.started);
    a(6, r.finished);
    a(7, r.cursor);
    a(8, r.examined);
    a(9, r.matched);
    a(10, r.delisted);
    a(11, r.notice_id);
}

template <class Archive, Is<Exclusion> R> void describe(Archive& a, R& r) {
    a(1, r.prefix);
    a(2, r.reason);
    a(3, r.by);
    a(4, r.created);
    a(5, r.until);
}

template <class Archive, Is<Change> R> void describe(Archive& a, R& r) {
    a(1, r.sequence);
    a(2, r.at);
    a(3, r.address);
    a(4, r.before);
    a(5, r.after);
    a(6, r.reason);
    a(7, r.case_id);
    a(8, r.actor);
    a(9, r.note);
    a(10, r.by);
}

template <class Archive, Is<AuditLine> R> void describe(Archive& a, R& r) {
    a(1, r.address);
    a(2, r.case_id);
    a(3, r.listed);
    a(4, r.opened);
    a(5, r.why);
    a(6, r.classes);
    a(7, r.in_force);
    a(8, r.ended);
    a(9, r.closed);
    a(10, r.last_sequence);
}

template <class Archive, Is<AccessKey> R> void describe(Archive& a, R& r) {
    a(1, r.id);
    a(2, r.hash);
    a(3, r.name);
    a(4, r.per_second);
    a(5, r.per_day);
    a(6, r.created);
    a(7, r.revoked);
    a(8, r.note);
}

template <class Archive, Is<Mirror> R> void describe(Archive& a, R& r) {
    a(1, r.id);
    a(2, r.name);
    a(3, r.kind);
    a(4, r.addresses);
    a(5, r.from);
    a(6, r.key_name);
    a(7, r.algorithm);
    a(8, r.secret);
    a(9, r.zones);
    a(10, r.added);
    a(11, r.removed);
    a(12, r.note);
    a(14, r.tls);
}

template <class Archive, Is<ExclusionSweep> R> void describe(Archive& a, R& r) {
    a(1, r.prefix);
    a(2, r.cursor);
    a(3, r.delisted);
}

template <class Archive, Is<ExclusionRequest> R> void describe(Archive& a, R& r) {
    a(1, r.id);
    a(2, r.code);
    a(3, r.prefix);
    a(4, r.requester);
    a(5, r.contact);
    a(6, r.text);
    a(7, r.received);
    a(8, r.expires);
    a(9, r.state);
    a(10, r.decided);
    a(11, r.answer);
    a(12, r.by);
    a(13, r.until);
}

template <class Archive, Is<Letter> R> void describe(Archive& a, R& r) {
    a(1, r.host);
    a(2, r.case_id);
    a(3, r.state);
    a(4, r.queued);
    a(5, r.due);
    a(6, r.changed);
    a(7, r.contact);
    a(8, r.tried);
    a(9, r.mail);
    a(10, r.message_id);
    a(11, r.language);
    a(12, r.note);
    a(13, r.attempts);
}

template <class Archive, Is<LetterHost> R> void describe(Archive& a, R& r) {
    a(1, r.host);
    a(2, r.case_id);
}

template <class Archive, Is<LetterMail> R> void describe(Archive& a, R& r) {
    a(1, r.id);
    a(2, r.contact);
    a(3, r.hosts);
    a(4, r.begun);
    a(5, r.sent);
    a(6, r.bounced);
}

template <class Archive, Is<LetterContact> R> void describe(Archive& a, R& r) {
    a(1, r.address);
    a(2, r.last_sent);
    a(3, r.sent);
    a(4, r.opted_out);
    a(5, r.bounced);
    a(6, r.note);
}

} // namespace provenbl::codec

#include "oracle.hpp"

#include <fmt/format.h>
#include <ldns/ldns.h>

#include <stdexcept>

namespace provenbl::corpus {
namespace {

using Packet = std::unique_ptr<ldns_pkt, decltype(&ldns_pkt_free)>;

Packet read(std::span<const std::uint8_t> message) {
    ldns_pkt* raw = nullptr;
    if (ldns_wire2pkt(&raw, message.data(), message.size()) != LDNS_STATUS_OK) raw = nullptr;
    return {raw, &ldns_pkt_free};
}

bool same_rdata(const ldns_rr* a, const ldns_rr* b) {
    if (ldns_rr_rd_count(a) != ldns_rr_rd_count(b)) return false;
    for (std::size_t i = 0; i < ldns_rr_rd_count(a); ++i) {
        const auto* x = ldns_rr_rdf(a, i);
        const auto* y = ldns_rr_rdf(b, i);
        const bool name = ldns_rdf_get_type(x) == LDNS_RDF_TYPE_DNAME;
        // Where a name points into the question it has the client's own case.
        if ((name ? ldns_dname_compare(x, y) : ldns_rdf_compare(x, y)) != 0) return false;
    }
    return true;
}

std::string octets(const ldns_rdf* rdf) {
    return {reinterpret_cast<const char*>(ldns_rdf_data(rdf)), ldns_rdf_size(rdf)};
}

// The owner as it must come back: the client's own spelling where it is the name asked for or its end.
std::string spelled(const WireName& owner, const std::string& asked) {
    if (owner.size() > asked.size()) return owner;
    const auto end = asked.substr(asked.size() - owner.size());
    for (std::size_t i = 0; i < owner.size(); ++i) {
        const char c = end[i] >= 'A' && end[i] <= 'Z' ? static_cast<char>(end[i] - 'A' + 'a') : end[i];
        if (c != owner[i]) return owner;
    }
    return end;
}

std::string lower(std::string text) {
    for (auto& c : text) {
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    }
    return text;
}

void read_options(const ldns_pkt* packet, std::optional<unsigned>& error, std::optional<std::string>& nsid,
                  std::string& cookie) {
    const auto* data = ldns_pkt_edns_data(packet);
    if (data == nullptr) return;
    const auto bytes = octets(data);
    const auto number = [&](std::size_t at) {
        return static_cast<unsigned>(static_cast<unsigned char>(bytes[at]) << 8U |
                                     static_cast<unsigned char>(bytes[at + 1]));
    };
    for (std::size_t at = 0; at + 4 <= bytes.size(); at += 4 + number(at + 2)) {
        if (number(at) == 15) error = number(at + 4);
        if (number(at) == 10) cookie = bytes.substr(at + 4, number(at + 2));
        if (number(at) == 3) nsid = bytes.substr(at + 4, number(at + 2));
    }
}

} // namespace

Oracle::Rr Oracle::record(const Record& wanted) {
    const auto type = std::unique_ptr<char, decltype(&std::free)>(
        ldns_rr_type2str(static_cast<ldns_rr_type>(wanted.type)), &std::free);
    const auto text = fmt::format(". {} IN {} {}", wanted.ttl, type.get(), wanted.data);
    auto& known = records_[text];
    if (!known) {
        ldns_rr* made = nullptr;
        if (ldns_rr_new_frm_str(&made, text.c_str(), 0, nullptr, nullptr) != LDNS_STATUS_OK)
            throw std::invalid_argument("ldns can't read '" + text + "'");
        known = Rr(made, &ldns_rr_free);
    }
    return known;
}

std::string Oracle::section(const char* what, const Question& question, const std::vector<Record>& wanted, void* list) {
    const auto* have = static_cast<const ldns_rr_list*>(list);
    const auto count = have == nullptr ? 0 : ldns_rr_list_rr_count(have);
    if (count != wanted.size()) return fmt::format("{}: {} records, not {}", what, count, wanted.size());
    for (std::size_t i = 0; i < count; ++i) {
        const auto* got = ldns_rr_list_rr(have, i);
        const auto expected = record(wanted[i]);
        if (ldns_rr_get_type(got) != ldns_rr_get_type(expected.get()) || ldns_rr_get_class(got) != LDNS_RR_CLASS_IN)
            return fmt::format("{} {}: another type", what, i);
        if (ldns_rr_ttl(got) != ldns_rr_ttl(expected.get())) return fmt::format("{} {}: another TTL", what, i);
        const auto owner = octets(ldns_rr_owner(got));
        // An additional record's owner may end in the question's spelling or in our own.
        const bool named = std::string_view(what) == "additional" ? lower(owner) == wanted[i].owner
                                                                  : owner == spelled(wanted[i].owner, question.asked);
        if (!named) return fmt::format("{} {}: another owner", what, i);
        if (!same_rdata(got, expected.get())) return fmt::format("{} {}: not '{}'", what, i, wanted[i].data);
    }
    return {};
}

std::string Oracle::difference(const Question& question, const Verdict& verdict, std::span<const std::uint8_t> answer) {
    const auto packet = read(answer);
    if (!packet) return "ldns can't read it";
    const auto* got = packet.get();
    const auto& sent = question.message;
    if (ldns_pkt_id(got) != (sent[0] << 8U | sent[1])) return "another id";
    if (!ldns_pkt_qr(got) || ldns_pkt_tc(got) || ldns_pkt_ra(got) || ldns_pkt_ad(got) || ldns_pkt_cd(got))
        return "QR, TC, RA, AD or CD";
    if (ldns_pkt_rd(got) != ((sent[2] & 1U) != 0)) return "RD";
    if (ldns_pkt_aa(got) != verdict.authoritative) return "AA";
    if (ldns_pkt_get_opcode(got) != LDNS_PACKET_QUERY) return "opcode";
    if (ldns_pkt_get_rcode(got) != verdict.rcode)
        return fmt::format("rcode {}, not {}", static_cast<unsigned>(ldns_pkt_get_rcode(got)), verdict.rcode);
    const auto* questions = ldns_pkt_question(got);
    if (ldns_rr_list_rr_count(questions) != 1) return "no question";
    const auto* repeated = ldns_rr_list_rr(questions, 0);
    if (octets(ldns_rr_owner(repeated)) != question.asked || ldns_rr_get_type(repeated) != question.type)
        return "another question";
    if (ldns_pkt_edns(got) != question.edns) return "OPT";
    if (question.edns) {
        if (ldns_pkt_edns_udp_size(got) != edns_size_ || ldns_pkt_edns_version(got) != 0 ||
            ldns_pkt_edns_extended_rcode(got) != 0 || ldns_pkt_edns_do(got) != question.dnssec_ok)
            return "what the OPT says";
        std::optional<unsigned> error;
        std::optional<std::string> nsid;
        std::string cookie;
        read_options(got, error, nsid, cookie);
        const bool whole =
            question.cookie.empty() ? cookie.empty() : cookie.size() == 24 && cookie.starts_with(question.cookie);
        if (!whole) return "COOKIE";
        if (error != verdict.extended_error) return "extended error";
        if (nsid.value_or("") != (question.nsid ? identity_ : "")) return "NSID";
    }
    for (auto text : {section("answer", question, verdict.answers, ldns_pkt_answer(got)),
                      section("authority", question, verdict.authorities, ldns_pkt_authority(got)),
                      section("additional", question, verdict.additionals, ldns_pkt_additional(got))}) {
        if (!text.empty()) return text;
    }
    return {};
}

bool Oracle::readable(std::span<const std::uint8_t> answer) {
    return read(answer) != nullptr;
}

bool Oracle::truncated(std::span<const std::uint8_t> answer) {
    const auto packet = read(answer);
    return packet && ldns_pkt_tc(packet.get());
}

} // namespace provenbl::corpus

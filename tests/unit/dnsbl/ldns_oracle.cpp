#include "ldns_oracle.hpp"

#include <gtest/gtest.h>
#include <ldns/ldns.h>

#include <algorithm>
#include <cstdlib>
#include <memory>

namespace provenbl::dnsbl::testing {
namespace {

std::vector<std::string> lines(const ldns_rr_list* list) {
    std::vector<std::string> texts;
    for (std::size_t i = 0; list != nullptr && i < ldns_rr_list_rr_count(list); ++i) {
        const std::unique_ptr<char, decltype(&std::free)> text(ldns_rr2str(ldns_rr_list_rr(list, i)), &std::free);
        std::string line = text.get();
        std::replace(line.begin(), line.end(), '\t', ' ');
        while (!line.empty() && (line.back() == '\n' || line.back() == ' ')) line.pop_back();
        texts.push_back(line);
    }
    return texts;
}

void read_options(const ldns_pkt* packet, OracleAnswer& answer) {
    const auto* data = ldns_pkt_edns_data(packet);
    if (data == nullptr) return;
    const std::span<const std::uint8_t> bytes(ldns_rdf_data(data), ldns_rdf_size(data));
    for (std::size_t at = 0; at + 4 <= bytes.size();) {
        const unsigned code = bytes[at] << 8U | bytes[at + 1];
        const std::size_t size = bytes[at + 2] << 8U | bytes[at + 3];
        ASSERT_LE(at + 4 + size, bytes.size());
        const auto value = bytes.subspan(at + 4, size);
        if (code == 15) {
            ASSERT_GE(size, 2U);
            answer.extended_error = value[0] << 8U | value[1];
        }
        if (code == 3) answer.nsid = std::string(value.begin(), value.end());
        at += 4 + size;
    }
}

} // namespace

std::string OracleAnswer::flags() const {
    std::string text;
    for (const auto& [set, name] :
         {std::pair{qr, "qr"}, {aa, "aa"}, {tc, "tc"}, {rd, "rd"}, {ra, "ra"}, {ad, "ad"}, {cd, "cd"}}) {
        if (set) text += (text.empty() ? "" : " ") + std::string(name);
    }
    return text;
}

OracleAnswer read_with_ldns(std::span<const std::uint8_t> message) {
    OracleAnswer answer;
    ldns_pkt* raw = nullptr;
    const auto status = ldns_wire2pkt(&raw, message.data(), message.size());
    EXPECT_EQ(status, LDNS_STATUS_OK) << ldns_get_errorstr_by_id(status);
    if (status != LDNS_STATUS_OK) return answer;
    const std::unique_ptr<ldns_pkt, decltype(&ldns_pkt_free)> packet(raw, &ldns_pkt_free);
    answer.id = ldns_pkt_id(raw);
    answer.opcode = ldns_pkt_get_opcode(raw);
    answer.rcode = ldns_pkt_get_rcode(raw);
    answer.qr = ldns_pkt_qr(raw);
    answer.aa = ldns_pkt_aa(raw);
    answer.tc = ldns_pkt_tc(raw);
    answer.rd = ldns_pkt_rd(raw);
    answer.ra = ldns_pkt_ra(raw);
    answer.ad = ldns_pkt_ad(raw);
    answer.cd = ldns_pkt_cd(raw);
    answer.questions = lines(ldns_pkt_question(raw));
    answer.answers = lines(ldns_pkt_answer(raw));
    answer.authorities = lines(ldns_pkt_authority(raw));
    answer.additionals = lines(ldns_pkt_additional(raw));
    answer.edns = ldns_pkt_edns(raw);
    if (answer.edns) {
        answer.rcode |= static_cast<unsigned>(ldns_pkt_edns_extended_rcode(raw)) << 4U;
        answer.edns_size = ldns_pkt_edns_udp_size(raw);
        answer.edns_version = ldns_pkt_edns_version(raw);
        answer.dnssec_ok = ldns_pkt_edns_do(raw);
        read_options(raw, answer);
    }
    return answer;
}

} // namespace provenbl::dnsbl::testing

// Two paths, one truth: a million questions, valid and mutated, over a list that changes all the while.
//
// - The hot path answers as the general path does, octet for octet, or leaves the question to it. The order of an
//   OPT's options needs no mercy: the hot path takes no question that has options.
// - A valid question gets what a naive model of the names says (model.hpp), as ldns builds and reads it, over UDP and
//   TCP. TC only where the whole answer does not fit.
//   Access keys, cookies, a list of IPv6 networks (every other shard) and a list that is shut down are among them.
// - A mutated one gets an answer that ldns can read and that keeps to its limit, or none where none is due.
//
// The list is held in both forms that it takes in the server: changed again and again, and compiled at once.
#include "dnsbl/fast_path.hpp"
#include "dnsbl/guard/key_table.hpp"
#include "dnsbl/responder.hpp"
#include "generator.hpp"
#include "model.hpp"
#include "oracle.hpp"
#include "zones.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <memory>

namespace provenbl::corpus {
namespace {

using dnsbl::FastPath;
using dnsbl::Outcome;
using dnsbl::Responder;
using dnsbl::Transport;

constexpr unsigned shards = 16;
constexpr unsigned rounds = 8; // of changes, in each shard
constexpr std::size_t first_listings = 1500;
constexpr std::uint16_t edns_size = 1232;
constexpr auto identity = "corpus";
constexpr auto key_label = "corpuskeyabcdefghij2"; // 20 characters of base32
constexpr std::size_t cookie_option = 4 + 24;

std::size_t queries_in_all() {
    const auto* wanted = std::getenv("PROVENBL_CORPUS_QUERIES");
    return wanted != nullptr ? std::strtoul(wanted, nullptr, 10) : PROVENBL_CORPUS_QUERIES;
}

std::string hex(std::span<const std::uint8_t> bytes) {
    std::string text;
    for (const auto byte : bytes) text += fmt::format("{:02x}", byte);
    return text;
}

std::span<const std::uint8_t> bytes_of(std::string_view text) {
    return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

struct Answer {
    Bytes bytes;
    Outcome outcome;
};

class Corpus : public ::testing::TestWithParam<unsigned> {
protected:
    // More changes, and the forms that the list has then.
    void change(std::size_t count) {
        std::vector<zones::IndexChange> changes;
        for (std::size_t i = 0; i < count; ++i) {
            const auto address = model_.unit(generator_.address());
            const auto classes = generator_.classes();
            changes.push_back({address, classes});
            model_.list(address, classes);
        }
        const auto next = current_.with_changes(changes);
        forms_ = {next, compiled(next)};
        current_ = forms_[generator_.below(forms_.size())];
        sequence_ += 1 + generator_.below(0x4000'0000);
        model_.set_serial(static_cast<std::uint32_t>(sequence_));
    }
    // As the server compiles it when it starts.
    static zones::Index compiled(const zones::Index& index) {
        zones::Index::Builder builder(index.ipv6_bits());
        index.walk([&](const Address& address, ClassSet classes) {
            builder.add(address, classes);
            return true;
        });
        return builder.build();
    }
    Answer generally(const Bytes& message, Transport transport, const zones::Snapshot& snapshot) {
        Answer answer{Bytes(transport == Transport::udp ? Responder::smallest_buffer : dnsbl::wire::longest_message),
                      {}};
        dnsbl::Asker asker;
        asker.transport = transport;
        asker.keys = &keys_;
        answer.outcome = responder_.respond(message, asker, snapshot, answer.bytes);
        answer.bytes.resize(answer.outcome.size);
        return answer;
    }

    void ask(const Question& question) {
        const auto& message = question.message;
        const bool shut_down = generator_.below(50) == 0;
        const zones::Snapshot snapshot{shut_down ? zones::Index::shut_down() : forms_[generator_.below(forms_.size())],
                                       sequence_};
        const auto general = generally(message, Transport::udp, snapshot);
        Answer fast{Bytes(Responder::smallest_buffer, 0xee), {}};
        if (fast_path_.try_respond(message, snapshot, fast.bytes, fast.outcome)) {
            ++(question.valid ? taken_valid_ : taken_mutated_);
            fast.bytes.resize(fast.outcome.size);
            ASSERT_EQ(hex(fast.bytes), hex(general.bytes)) << "the paths differ for " << hex(message);
            ASSERT_TRUE(fast.outcome.rcode == general.outcome.rcode && fast.outcome.type == general.outcome.type &&
                        fast.outcome.zone == general.outcome.zone && fast.outcome.listed == general.outcome.listed &&
                        fast.outcome.truncated == general.outcome.truncated)
                << "the paths count differently: " << hex(message);
        }
        if (question.valid) {
            check_valid(question, general.bytes, snapshot);
        } else {
            check_mutated(message, general.bytes);
        }
    }

    void check_valid(const Question& question, const Bytes& udp, const zones::Snapshot& snapshot) {
        auto lower = question.asked;
        for (std::size_t at = 0; lower[at] != 0; at += 1U + static_cast<unsigned char>(lower[at])) {
            for (std::size_t i = 1; i <= static_cast<unsigned char>(lower[at]); ++i) {
                auto& c = lower[at + i];
                if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
            }
        }
        const auto verdict = model_.verdict(lower, question.type, snapshot.index.is_shut_down());
        const bool entry = !verdict.answers.empty();
        keyed_ += entry && lower.find(key_label) != std::string::npos ? 1 : 0;
        cookies_ += question.cookie.empty() ? 0 : 1;
        shut_down_ += snapshot.index.is_shut_down() ? 1 : 0;
        // An IPv6 name whose first nibble is not that of its network.
        constexpr std::size_t v6_labels = 64;
        in_networks_ += entry && ipv6_bits_ == 64 && lower.size() > v6_labels && lower[0] == 1 && lower[1] != '0';
        const bool cut = Oracle::truncated(udp);
        if (!cut) {
            ++valid_;
            const auto difference = oracle_.difference(question, verdict, udp);
            ASSERT_EQ(difference, "") << hex(question.message) << " -> " << hex(udp);
            if (generator_.below(8) != 0) return;
        }
        const auto tcp = generally(question.message, Transport::tcp, snapshot).bytes;
        const auto difference = oracle_.difference(question, verdict, tcp);
        ASSERT_EQ(difference, "") << "over TCP: " << hex(question.message) << " -> " << hex(tcp);
        if (!cut) return;
        ++truncated_;
        // What is kept free for an OPT: its fixed part, an extended error, and the identity.
        const std::size_t spare = question.edns ? 11 + 6 + 4 + std::string(identity).size() + cookie_option : 0;
        std::size_t limit = 512;
        if (question.edns) {
            const auto at = 12 + question.asked.size() + 4 + 3; // the OPT's size
            const auto told = question.message[at] << 8U | question.message[at + 1];
            limit = std::clamp<std::size_t>(static_cast<std::size_t>(told), 512, edns_size);
        }
        ASSERT_GT(tcp.size() + spare, limit) << "TC for what fits: " << hex(question.message);
    }

    void check_mutated(const Bytes& message, const Bytes& answer) {
        ++mutated_;
        const bool due = message.size() >= 12 && (message[2] & 0x80U) == 0;
        ASSERT_EQ(!answer.empty(), due) << hex(message);
        if (!due) return;
        ASSERT_TRUE(answer[0] == message[0] && answer[1] == message[1]) << hex(message);
        ASSERT_EQ(answer[2] & 0xf9U, 0x80U | (message[2] & 0x79U)) << "QR, opcode, RD: " << hex(message);
        ASSERT_EQ(answer[3] & 0xf0U, 0U) << "RA, Z, AD, CD: " << hex(message);
        ASSERT_TRUE(Oracle::readable(answer)) << hex(message) << " -> " << hex(answer);
    }

    const unsigned ipv6_bits_ = GetParam() % 2 == 0 ? 128 : 64;
    Model model_{corpus_zones(), ipv6_bits_, key_label};
    Generator generator_{std::uint64_t{0x70726f76656e} + GetParam(), model_};
    Oracle oracle_{edns_size, identity};
    Responder responder_{corpus_zones(),
                         {.edns_size = edns_size, .identity = identity, .cookie_secrets = {dnsbl::wire::SipKey{7}}}};
    const dnsbl::guard::KeyTable keys_{
        {{access_keys::hash_label(bytes_of(key_label)), 1, 0, 0, std::make_shared<dnsbl::guard::KeyUsage>()}}};
    FastPath fast_path_{responder_};
    zones::Index current_ = zones::Index::Builder(ipv6_bits_).build();
    std::vector<zones::Index> forms_;
    std::uint64_t sequence_ = GetParam();
    std::size_t valid_ = 0, mutated_ = 0, truncated_ = 0, taken_valid_ = 0, taken_mutated_ = 0;
    std::size_t keyed_ = 0, cookies_ = 0, shut_down_ = 0, in_networks_ = 0; // of the valid ones
};

TEST_P(Corpus, BothPathsAndLdnsAgree) {
    ASSERT_TRUE(zones::validate(corpus_zones()));
    const auto queries = queries_in_all() / shards;
    for (unsigned round = 0; round < rounds; ++round) {
        change(round == 0 ? first_listings : 1 + generator_.below(300));
        for (std::size_t i = 0; i < queries / rounds; ++i) {
            ask(generator_.question());
            if (HasFatalFailure()) return;
        }
    }
    fmt::print("{} valid and {} mutated questions; the hot path took {} and {}; {} truncated\n", valid_ + truncated_,
               mutated_, taken_valid_, taken_mutated_, truncated_);
    // Else nothing would have been compared.
    EXPECT_GE(valid_ + truncated_ + mutated_, queries / rounds * rounds);
    EXPECT_GT(taken_valid_, valid_ / 8);
    EXPECT_GT(taken_mutated_, mutated_ / 200);
    EXPECT_GT(keyed_, valid_ / 400);
    EXPECT_GT(cookies_, valid_ / 20);
    EXPECT_GT(shut_down_, valid_ / 100);
    if (ipv6_bits_ == 64) {
        EXPECT_GT(in_networks_, valid_ / 400);
    }
    EXPECT_GT(model_.listed().size(), first_listings / 4);
}

INSTANTIATE_TEST_SUITE_P(Shard, Corpus, ::testing::Range(0U, shards));

} // namespace
} // namespace provenbl::corpus

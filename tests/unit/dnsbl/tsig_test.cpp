// TSIG (RFC 8945): vectors that Python's hmac made, every octet corrupted, and ldns as the reader of what we sign.
#include "dnsbl/wire/tsig.hpp"
#include "hex.hpp"
#include "question.hpp"

#include <gtest/gtest.h>
#include <ldns/ldns.h>

#include <cctype>
#include <memory>
#include <random>

namespace provenbl::dnsbl::wire {
namespace {

using namespace std::chrono_literals;
using testing::Bytes;
using testing::from_hex;
using testing::question;

constexpr Time noon{1'800'014'400'000ms};
constexpr auto key_text = "ns2.mirror.bl.example";

TsigKey make_key(TsigAlgorithm algorithm = TsigAlgorithm::hmac_sha256, const char* name = key_text) {
    TsigKey key;
    key.name = zones::DomainName::parse(name).value();
    key.algorithm = algorithm;
    for (std::uint8_t i = 0; i < 32; ++i) key.secret.push_back(i);
    return key;
}

TsigKeys ours() {
    return TsigKeys({make_key(TsigAlgorithm::hmac_sha512), make_key(), make_key(TsigAlgorithm::hmac_sha384),
                     make_key(TsigAlgorithm::hmac_sha256, "another.example")});
}

// "bl.example SOA" with id 0x1234, signed at noon by the key's 32 octets 0, 1, 2 ... 31.
constexpr auto request256 =
    "12340000000100000000000102626c076578616d706c650000060001036e7332066d6972726f7202626c076578616d706c650000fa00ff00"
    "000000003d0b686d61632d7368613235360000006b4a0a40012c0020284ebe8e491455372d316c57f476adcad4d2fecb8dd6c6bd30af9dd65c"
    "ebe9d8123400000000";
constexpr auto request384 =
    "12340000000100000000000102626c076578616d706c650000060001036e7332066d6972726f7202626c076578616d706c650000fa00ff00"
    "000000004d0b686d61632d7368613338340000006b4a0a40012c00303542bb2d04b75471e3a065c376181063b68176079c7228728765faf9c9"
    "e7243033eae51d16415324f0c09d42b18eab01123400000000";
constexpr auto request512 =
    "12340000000100000000000102626c076578616d706c650000060001036e7332066d6972726f7202626c076578616d706c650000fa00ff00"
    "000000005d0b686d61632d7368613531320000006b4a0a40012c00403e8ff59d818ae4c07c5a5b2f6dee38486f66fe1eea3e2e8d42d9a59c9e"
    "c5284a6fc1a5c7157ddfa4c5dba0a96f9dc001af20e7eb76f1177e748743a3a8127efc123400000000";
// Three messages that answer the first of them, a second apart: the bare question with QR and AA.
constexpr std::array stream{
    "12348400000100000000000102626c076578616d706c650000060001036e7332066d6972726f7202626c076578616d706c650000fa00ff00"
    "000000003d0b686d61632d7368613235360000006b4a0a40012c00206dd822968e1c39b59708f5c3a6a113bf2de83111f05b0bdc2ff12b979c"
    "2137df123400000000",
    "12348400000100000000000102626c076578616d706c650000060001036e7332066d6972726f7202626c076578616d706c650000fa00ff00"
    "000000003d0b686d61632d7368613235360000006b4a0a41012c0020112aa2d4814b0193762421c51cdf858d74c3d616bef807e4b91aa0bbcc"
    "80b64f123400000000",
    "12348400000100000000000102626c076578616d706c650000060001036e7332066d6972726f7202626c076578616d706c650000fa00ff00"
    "000000003d0b686d61632d7368613235360000006b4a0a42012c0020833f5e3fbc3e11eade201a9906c281bb85b1358e27c89e9972e09a39fd"
    "dfcc91123400000000"};
// NOTAUTH with BADTIME, said at noon and 1000 s.
constexpr auto badtime_answer =
    "12348009000100000000000102626c076578616d706c650000060001036e7332066d6972726f7202626c076578616d706c650000fa00ff00"
    "00000000430b686d61632d7368613235360000006b4a0a40012c0020c6d481c4b1abb448d81ea70ce0ef5009b2e042231dd572335ea2edd0c6"
    "67514612340012000600006b4a0e28";

constexpr std::size_t record_at = 12 + 12 + 4; // behind "bl.example SOA IN"
constexpr std::size_t mac_at = record_at + 23 + 10 + 13 + 6 + 2 + 2;
constexpr std::size_t mac_size_at = mac_at - 2;

Bytes bare_answer(unsigned flags) {
    auto bytes = question("bl.example", type::soa);
    testing::set16(bytes, 2, flags);
    return bytes;
}

TEST(Tsig, RequestsOfAllAlgorithmsAreRead) {
    const auto keys = ours();
    for (const auto* text : {request256, request384, request512}) {
        const auto check = check_tsig(from_hex(text), keys, noon);
        EXPECT_TRUE(check.valid()) << text;
        ASSERT_NE(check.key, nullptr);
        EXPECT_EQ(check.key->name.to_string(), key_text);
        EXPECT_EQ(check.mac.size, mac_size(check.key->algorithm));
        EXPECT_EQ(check.time_signed, 1'800'014'400U);
    }
}

TEST(Tsig, WhatWeSignIsTheSameOctets) {
    auto message = question("bl.example", type::soa);
    testing::set16(message, 2, 0);
    const auto mac = sign_request(message, make_key(), noon);
    EXPECT_EQ(message, from_hex(request256));
    EXPECT_EQ(mac.size, 32);
    const auto keys = ours();
    TsigSigner signer(check_tsig(from_hex(request256), keys, noon));
    for (unsigned i = 0; i < stream.size(); ++i) {
        auto answer = bare_answer(0x8400);
        const auto before = answer.size();
        signer.sign(answer, noon + std::chrono::seconds(i));
        EXPECT_EQ(answer, from_hex(stream[i])) << i;
        EXPECT_EQ(answer.size() - before, signer.room());
    }
}

TEST(Tsig, ABufferIsSignedAsAVectorIs) {
    const auto keys = ours();
    TsigSigner signer(check_tsig(from_hex(request256), keys, noon));
    auto buffer = bare_answer(0x8400);
    const auto size = buffer.size();
    buffer.resize(size + signer.room());
    EXPECT_EQ(signer.sign(buffer, size, noon), buffer.size());
    EXPECT_EQ(buffer, from_hex(stream[0]));
    std::vector<std::uint8_t> small(size + 1);
    EXPECT_THROW((void)signer.sign(small, size, noon), std::logic_error);
}

TEST(Tsig, OnlyAKeyOfThisNameAndAlgorithmIsFound) {
    const auto message = from_hex(request256);
    const auto state = [&](std::vector<TsigKey> keys) {
        return check_tsig(message, TsigKeys(std::move(keys)), noon).state;
    };
    EXPECT_EQ(state({}), TsigState::badkey);
    EXPECT_EQ(state({make_key(TsigAlgorithm::hmac_sha512)}), TsigState::badkey);
    EXPECT_EQ(state({make_key(TsigAlgorithm::hmac_sha256, "ns3.mirror.bl.example")}), TsigState::badkey);
    EXPECT_EQ(state({make_key()}), TsigState::valid);
    auto other = make_key();
    other.secret[7] ^= 1U;
    EXPECT_EQ(state({other}), TsigState::badsig);
    EXPECT_THROW(TsigKeys({TsigKey{make_key().name, TsigAlgorithm::hmac_sha256, {}}}), std::logic_error);
}

TEST(Tsig, NamesAreComparedInLowerCase) {
    auto message = from_hex(request256);
    for (std::size_t i = record_at; i < record_at + 20; ++i) {
        if (message[i] >= 'a' && message[i] <= 'z') message[i] = static_cast<std::uint8_t>(message[i] - 32);
    }
    const auto keys = ours();
    EXPECT_TRUE(check_tsig(message, keys, noon).valid());
}

TEST(Tsig, TheOwnerMayBeCompressed) {
    // BIND writes "ns2.mirror" and a pointer to the question's "bl.example".
    const auto whole = from_hex(request256);
    Bytes message(whole.begin(), whole.begin() + record_at + 11);
    testing::put16(message, 0xc00c);
    message.insert(message.end(), whole.begin() + record_at + 11 + 12, whole.end());
    const auto keys = ours();
    EXPECT_TRUE(check_tsig(message, keys, noon).valid());
    for (const unsigned pointer :
         {0xc000U, 0xc00bU, 0xc000U + unsigned(record_at), 0xc000U + unsigned(record_at + 11), 0xffffU}) {
        testing::set16(message, record_at + 11, pointer);
        EXPECT_NE(check_tsig(message, keys, noon).state, TsigState::valid) << pointer;
    }
}

TEST(Tsig, TheIdMayHaveBeenChangedOnTheWay) {
    auto message = from_hex(request256);
    message[0] = 0x99;
    const auto keys = ours();
    EXPECT_TRUE(check_tsig(message, keys, noon).valid());
}

TEST(Tsig, TimeMayDifferByTheFudge) {
    const auto message = from_hex(request256);
    const auto keys = ours();
    for (const auto good : {-300s, 0s, 300s})
        EXPECT_TRUE(check_tsig(message, keys, noon + good).valid()) << good.count();
    for (const auto bad : {-301s, 301s, -1'000'000s, 1'000'000s}) {
        const auto check = check_tsig(message, keys, noon + bad);
        EXPECT_EQ(check.state, TsigState::badtime) << bad.count();
        EXPECT_NE(check.key, nullptr);
    }
}

TEST(Tsig, ABadTimeIsToldSignedWithOurTime) {
    const auto keys = ours();
    const auto check = check_tsig(from_hex(request256), keys, noon + 1000s);
    EXPECT_EQ(rcode_of(check.state), Rcode::notauth);
    TsigSigner signer(check);
    auto answer = bare_answer(0x8009);
    signer.sign(answer, noon + 1000s);
    EXPECT_EQ(answer, from_hex(badtime_answer));
}

// Of RFC 8945 5.2.1 and 5.2.2: unsigned, with the name and algorithm of the request.
TEST(Tsig, AnUnknownKeyAndAWrongCodeAreToldUnsigned) {
    const auto request = from_hex(request256);
    auto wrong = make_key();
    wrong.secret[0] = 0xff;
    for (const auto& [keys, error] : {std::pair{TsigKeys(), 17U}, std::pair{TsigKeys({wrong}), 16U}}) {
        const auto check = check_tsig(request, keys, noon);
        EXPECT_EQ(rcode_of(check.state), Rcode::notauth);
        TsigSigner signer(check);
        auto answer = bare_answer(0x8009);
        const auto size = answer.size();
        signer.sign(answer, noon);
        EXPECT_EQ(answer.size(), size + signer.room());
        const Bytes name(answer.begin() + record_at, answer.begin() + record_at + 23);
        EXPECT_EQ(name, testing::wire_name(key_text));
        EXPECT_EQ(answer[mac_size_at] << 8U | answer[mac_size_at + 1], 0);
        EXPECT_EQ(answer[mac_at + 2] << 8U | answer[mac_at + 3], static_cast<int>(error));
        EXPECT_EQ(answer[11], 1);
        // It proves nothing.
        EXPECT_EQ(check_tsig_answer(answer, make_key(), check.mac, noon), TsigState::badsig);
    }
}

TEST(Tsig, ACutCodeIsRefused) {
    const auto whole = from_hex(request256);
    const auto keys = ours();
    for (unsigned size = 0; size < 32; ++size) {
        Bytes message(whole.begin(), whole.begin() + mac_at + size);
        message.insert(message.end(), whole.begin() + mac_at + 32, whole.end());
        testing::set16(message, mac_size_at, size);
        testing::set16(message, record_at + 23 + 8, 61 - 32 + size);
        const auto check = check_tsig(message, keys, noon);
        // RFC 8945 5.2.2.1: less than half is malformed, the rest a matter of policy.
        EXPECT_EQ(check.state, size < 16 ? TsigState::malformed : TsigState::badtrunc) << size;
        EXPECT_EQ(rcode_of(check.state), size < 16 ? Rcode::formerr : Rcode::notauth);
        if (size < 16) continue;
        TsigSigner signer(check);
        auto answer = bare_answer(0x8009);
        signer.sign(answer, noon);
        EXPECT_EQ(answer[mac_size_at + 1], 32) << "the answer's own code is whole";
        EXPECT_EQ(answer[mac_at + 32 + 3], 22);
    }
    // ... and one octet of it wrong is a wrong code.
    Bytes message(whole.begin(), whole.begin() + mac_at + 20);
    message.insert(message.end(), whole.begin() + mac_at + 32, whole.end());
    testing::set16(message, mac_size_at, 20);
    testing::set16(message, record_at + 23 + 8, 61 - 12);
    message[mac_at] ^= 1U;
    EXPECT_EQ(check_tsig(message, keys, noon).state, TsigState::badsig);
}

TEST(Tsig, ACodeThatIsTooLongIsMalformed) {
    auto message = from_hex(request256);
    message.insert(message.begin() + mac_at, 0x42);
    testing::set16(message, mac_size_at, 33);
    testing::set16(message, record_at + 23 + 8, 62);
    const auto keys = ours();
    EXPECT_EQ(check_tsig(message, keys, noon).state, TsigState::malformed);
}

TEST(Tsig, WhereItStandsAndWhatItIsMadeOfIsChecked) {
    const auto keys = ours();
    const auto good = from_hex(request256);
    EXPECT_EQ(check_tsig(question("bl.example", type::soa), keys, noon).state, TsigState::none);
    const auto changed = [&](std::size_t at, unsigned value) {
        auto message = good;
        testing::set16(message, at, value);
        return check_tsig(message, keys, noon).state;
    };
    EXPECT_EQ(changed(record_at + 23 + 2, 1), TsigState::malformed) << "class IN";
    EXPECT_EQ(changed(record_at + 23 + 6, 1), TsigState::malformed) << "a TTL";
    EXPECT_EQ(changed(10, 2), TsigState::malformed) << "a record that is not there";
    EXPECT_EQ(changed(10, 0), TsigState::none) << "behind the message: the reader of queries refuses that";
    auto twice = good;
    twice.insert(twice.end(), good.begin() + record_at, good.end());
    twice[11] = 2;
    EXPECT_EQ(check_tsig(twice, keys, noon).state, TsigState::malformed);
    auto in_answers = good;
    testing::set16(in_answers, 6, 1);
    testing::set16(in_answers, 10, 0);
    EXPECT_EQ(check_tsig(in_answers, keys, noon).state, TsigState::malformed);
    auto with_more = good;
    with_more.push_back(0);
    EXPECT_EQ(check_tsig(with_more, keys, noon).state, TsigState::malformed);
    EXPECT_EQ(check_tsig(Bytes(11), keys, noon).state, TsigState::malformed);
    EXPECT_EQ(check_tsig({}, keys, noon).state, TsigState::malformed);
    // What is malformed gets no TSIG at all.
    TsigSigner signer(check_tsig(twice, keys, noon));
    auto answer = bare_answer(0x8001);
    signer.sign(answer, noon);
    EXPECT_EQ(answer, bare_answer(0x8001));
    EXPECT_EQ(signer.room(), 0U);
}

// Whatever octet is changed, nothing that was not signed is taken for signed. The id, and the case of the key's and the
// algorithm's names, are no part of what is signed.
TEST(Tsig, EveryOctetCounts) {
    const auto keys = ours();
    const auto good = from_hex(request256);
    for (std::size_t at = 2; at < good.size(); ++at) {
        for (unsigned bit = 0; bit < 8; ++bit) {
            auto message = good;
            message[at] ^= static_cast<std::uint8_t>(1U << bit);
            const bool letter = at >= record_at && at < mac_size_at - 8 && bit == 5 &&
                                ((good[at] >= 'a' && good[at] <= 'z') || (good[at] >= 'A' && good[at] <= 'Z'));
            EXPECT_EQ(check_tsig(message, keys, noon).valid(), letter) << at << " bit " << bit;
        }
    }
    for (std::size_t size = 0; size < good.size(); ++size)
        EXPECT_FALSE(check_tsig(std::span(good).first(size), keys, noon).valid()) << size;
}

TEST(Tsig, RandomOctetsAreReadAndNeverBelieved) {
    std::mt19937 random(20261128);
    const auto keys = ours();
    const auto good = from_hex(request256);
    for (int i = 0; i < 20'000; ++i) {
        auto message = good;
        for (unsigned changes = 1 + random() % 8; changes > 0; --changes)
            message[2 + random() % (message.size() - 2)] = static_cast<std::uint8_t>(random());
        if (random() % 2 == 0) message.resize(random() % (message.size() + 1));
        const auto check = check_tsig(message, keys, noon);
        // The id, and the case of the two names, are not signed.
        auto covered = message;
        for (std::size_t at = record_at; at < std::min(covered.size(), mac_size_at - 8); ++at)
            covered[at] = static_cast<std::uint8_t>(std::tolower(covered[at]));
        if (covered.size() == good.size() && std::equal(covered.begin() + 2, covered.end(), good.begin() + 2)) continue;
        EXPECT_FALSE(check.valid());
        TsigSigner signer(check);
        auto answer = bare_answer(0x8009);
        signer.sign(answer, noon);
        EXPECT_LE(answer.size(), bare_answer(0).size() + signer.room());
    }
}

TEST(Tsig, AnAnswerToOurRequestIsChecked) {
    auto request = question("bl.example", type::soa);
    const auto key = make_key();
    const auto mac = sign_request(request, key, noon);
    const TsigKeys keys({key});
    TsigSigner signer(check_tsig(request, keys, noon));
    auto answer = bare_answer(0xa400);
    EXPECT_EQ(check_tsig_answer(answer, key, mac, noon), TsigState::none);
    signer.sign(answer, noon);
    EXPECT_EQ(check_tsig_answer(answer, key, mac, noon), TsigState::valid);
    EXPECT_EQ(check_tsig_answer(answer, key, mac, noon + 301s), TsigState::badtime);
    EXPECT_EQ(check_tsig_answer(answer, make_key(TsigAlgorithm::hmac_sha512), mac, noon), TsigState::badkey);
    EXPECT_EQ(check_tsig_answer(answer, make_key(TsigAlgorithm::hmac_sha256, "x.example"), mac, noon),
              TsigState::badkey);
    auto other = mac;
    other.octets[3] ^= 1U;
    EXPECT_EQ(check_tsig_answer(answer, key, other, noon), TsigState::badsig) << "the answer to another request";
    answer[3] ^= 1U;
    EXPECT_EQ(check_tsig_answer(answer, key, mac, noon), TsigState::badsig);
    answer.pop_back();
    EXPECT_EQ(check_tsig_answer(answer, key, mac, noon), TsigState::malformed);
}

TEST(Tsig, AlgorithmsHaveNames) {
    for (const auto algorithm : {TsigAlgorithm::hmac_sha256, TsigAlgorithm::hmac_sha384, TsigAlgorithm::hmac_sha512})
        EXPECT_EQ(parse_tsig_algorithm(to_string(algorithm)), algorithm);
    EXPECT_FALSE(parse_tsig_algorithm("hmac-md5.sig-alg.reg.int"));
    EXPECT_FALSE(parse_tsig_algorithm(""));
}

// An independent reader of a stream. It takes the message without its TSIG from the octets that we made.
class LdnsReader {
public:
    explicit LdnsReader(const Mac& request) { set(request.bytes()); }
    bool verify(Bytes message, bool first) {
        ldns_pkt* read = nullptr;
        if (ldns_wire2pkt(&read, message.data(), message.size()) != LDNS_STATUS_OK) return false;
        const std::unique_ptr<ldns_pkt, decltype(&ldns_pkt_free)> packet(read, &ldns_pkt_free);
        const bool good = ldns_pkt_tsig_verify_next(packet.get(), message.data(), message.size(), name_, secret_,
                                                    before_.get(), first ? 0 : 1);
        if (ldns_pkt_tsig(packet.get()) == nullptr) return false;
        before_.reset(ldns_rdf_clone(ldns_rr_rdf(ldns_pkt_tsig(packet.get()), 3)));
        return good;
    }

private:
    void set(std::span<const std::uint8_t> mac) {
        Bytes field;
        testing::put16(field, static_cast<unsigned>(mac.size()));
        field.insert(field.end(), mac.begin(), mac.end());
        before_.reset(ldns_rdf_new_frm_data(LDNS_RDF_TYPE_INT16_DATA, field.size(), field.data()));
    }
    struct Free {
        void operator()(ldns_rdf* rdf) const { ldns_rdf_deep_free(rdf); }
    };
    const char* name_ = "ns2.mirror.bl.example.";
    const char* secret_ = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
    std::unique_ptr<ldns_rdf, Free> before_;
};

TEST(Tsig, LdnsBelievesAStreamOfOurs) {
    const auto keys = ours();
    const auto check = check_tsig(from_hex(request256), keys, noon);
    TsigSigner signer(check);
    LdnsReader reader(check.mac);
    for (unsigned i = 0; i < 50; ++i) {
        auto answer = bare_answer(0x8400);
        signer.sign(answer, noon + std::chrono::seconds(i));
        EXPECT_TRUE(reader.verify(answer, i == 0)) << i;
    }
    auto answer = bare_answer(0x8400);
    signer.sign(answer, noon);
    answer[3] ^= 1U;
    EXPECT_FALSE(reader.verify(answer, false));
}

} // namespace
} // namespace provenbl::dnsbl::wire

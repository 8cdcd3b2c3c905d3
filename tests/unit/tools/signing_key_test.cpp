// The signing key: RFC 8032's own vectors, the file that keeps it, and what is refused.
#include "tests/support/temporary_directory.hpp"
#include "tools/signing/signing_key.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <sys/stat.h>

namespace provenbl::tools::signing {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

std::string octets(std::string_view hex) {
    std::string bytes;
    for (std::size_t i = 0; i < hex.size(); i += 2)
        bytes += static_cast<char>(std::stoi(std::string(hex.substr(i, 2)), nullptr, 16));
    return bytes;
}

Signature signature_of(std::string_view hex) {
    Signature signature{};
    const auto bytes = octets(hex);
    std::copy(bytes.begin(), bytes.end(), signature.begin());
    return signature;
}

// RFC 8032 section 7.1, TEST 2.
constexpr auto public_hex = "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c";
constexpr auto signature_hex = "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
                               "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00";
// Its private key as PKCS #8: the fixed head of RFC 8410 section 7, then the 32 octets.
constexpr auto private_hex = "302e020100300506032b657004220420"
                             "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb";

void write_file(const std::filesystem::path& file, std::string_view text, unsigned mode) {
    std::ofstream(file) << text;
    ::chmod(file.c_str(), mode);
}

TEST(SigningKey, SignsAndVerifiesAsTheStandardSays) {
    const test::TemporaryDirectory directory;
    const auto file = directory.path() / "key";
    write_file(file,
               "-----BEGIN PRIVATE KEY-----\n" + to_base64(bytes_of(octets(private_hex))) +
                   "\n-----END PRIVATE KEY-----\n",
               0600);
    const auto key = SigningKey::load(file);
    ASSERT_TRUE(key) << key.error().message;
    const auto expected = PublicKey::from_raw(bytes_of(octets(public_hex))).value();
    EXPECT_EQ(key->public_key(), expected);
    EXPECT_EQ(key->sign(bytes_of("\x72")), signature_of(signature_hex));
    EXPECT_TRUE(expected.verify(bytes_of("\x72"), signature_of(signature_hex)));
    EXPECT_FALSE(expected.verify(bytes_of("\x73"), signature_of(signature_hex)));
    auto altered = signature_of(signature_hex);
    altered[40] ^= 1;
    EXPECT_FALSE(expected.verify(bytes_of("\x72"), altered));
    EXPECT_FALSE(SigningKey::generate().public_key().verify(bytes_of("\x72"), signature_of(signature_hex)));
}

TEST(SigningKey, IsMadeOnceForADataDirectoryAndOnlyForItsOwner) {
    const test::TemporaryDirectory directory;
    const auto made = SigningKey::of(directory.path());
    ASSERT_TRUE(made) << made.error().message;
    struct stat about {};
    ASSERT_EQ(::stat((directory.path() / SigningKey::file_name).c_str(), &about), 0);
    EXPECT_EQ(about.st_mode & 07777U, 0600U);
    const auto again = SigningKey::of(directory.path());
    ASSERT_TRUE(again) << again.error().message;
    EXPECT_EQ(again->public_key(), made->public_key());
    EXPECT_NE(SigningKey::generate().public_key().id(), made->public_key().id());
    // Somebody else's is never replaced.
    EXPECT_EQ(SigningKey::generate().save(directory.path() / SigningKey::file_name).error().code, Errc::conflict);
    EXPECT_EQ(SigningKey::of(directory.path())->public_key(), made->public_key());
}

TEST(SigningKey, WhatIsWrongWithAFileIsSaid) {
    const test::TemporaryDirectory directory;
    const auto file = directory.path() / SigningKey::file_name;
    EXPECT_EQ(SigningKey::load(file).error().code, Errc::not_found);
    EXPECT_THAT(SigningKey::of(directory.path() / "none").error().message, HasSubstr("no data directory"));
    for (const auto& text : {std::string{}, std::string{"no key"}, std::string(100'000, 'x')}) {
        write_file(file, text, 0600);
        const auto key = SigningKey::of(directory.path());
        ASSERT_FALSE(key);
        EXPECT_EQ(key.error().code, Errc::corrupt);
        EXPECT_THAT(key.error().message, HasSubstr("move it away"));
    }
    std::filesystem::remove(file);
    ASSERT_TRUE(SigningKey::of(directory.path()));
    ::chmod(file.c_str(), 0640);
    EXPECT_THAT(SigningKey::of(directory.path()).error().message, HasSubstr("chmod 600"));
}

TEST(PublicKey, IsReadAsPemAndAsBase64) {
    const auto key = SigningKey::generate().public_key();
    EXPECT_THAT(key.pem(), StartsWith("-----BEGIN PUBLIC KEY-----\n"));
    EXPECT_EQ(PublicKey::parse(key.pem()).value(), key);
    EXPECT_EQ(PublicKey::parse("A comment of OpenSSL's before it\n" + key.pem()).value(), key);
    EXPECT_EQ(PublicKey::parse(key.base64()).value(), key);
    EXPECT_EQ(PublicKey::parse(key.base64() + "\n").value(), key);
    EXPECT_EQ(key.id().size(), 16U);
    // An RSA key would be another algorithm; these are nothing.
    for (const auto& wrong :
         {std::string{}, std::string{"AAAA"}, key.base64().substr(1), key.base64() + "AAAA",
          "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n" + std::string{}, std::string(2'000'000, 'A')})
        EXPECT_EQ(PublicKey::parse(wrong).error().code, Errc::invalid) << wrong.substr(0, 100);
}

TEST(Base64, HasOneSpellingOfEach) {
    for (const auto& bytes :
         {std::string{}, std::string{"a"}, std::string{"ab"}, std::string{"abc"}, std::string{"\0\0\0\0", 4}})
        EXPECT_EQ(from_base64(to_base64(bytes_of(bytes))).value(), bytes);
    for (const char* wrong : {"YQ", "YQ=", "YR==", "YWI", " YQ=", "Y===", "====", "Y Q="})
        EXPECT_FALSE(from_base64(wrong)) << wrong;
}

} // namespace
} // namespace provenbl::tools::signing

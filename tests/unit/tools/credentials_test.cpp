// The password file: who may read it, what stands in it.
#include "tests/support/temporary_directory.hpp"
#include "tools/letters/credentials.hpp"

#include <gmock/gmock.h>

#include <fstream>

namespace provenbl::tools::letters {
namespace {

using testing::HasSubstr;
namespace fs = std::filesystem;

class PasswordFile : public testing::Test {
protected:
    PasswordFile() {
        settings.user = "list";
        settings.password_file = directory.path() / "password";
    }
    void write(const std::string& text, fs::perms mode = fs::perms::owner_read | fs::perms::owner_write) {
        std::ofstream{settings.password_file, std::ios::binary} << text;
        fs::permissions(settings.password_file, mode);
    }
    std::string error() {
        const auto read = credentials_of(settings);
        return read ? "none" : read.error().message;
    }

    test::TemporaryDirectory directory;
    Settings settings;
};

TEST_F(PasswordFile, ItsFirstLineIsThePassword) {
    for (const char* text : {"pass word", "pass word\n", "pass word\r\n", "pass word\n# of March\n"}) {
        write(text);
        const auto read = credentials_of(settings);
        ASSERT_TRUE(read && *read) << text;
        EXPECT_EQ((*read)->user, "list");
        EXPECT_EQ((*read)->password, "pass word");
    }
    write(std::string(longest_credential, 'p') + "\n");
    EXPECT_EQ(credentials_of(settings).value()->password.size(), longest_credential);
}

TEST_F(PasswordFile, ANewOneCountsAtOnce) {
    write("old");
    EXPECT_EQ(credentials_of(settings).value()->password, "old");
    write("new");
    EXPECT_EQ(credentials_of(settings).value()->password, "new");
}

TEST_F(PasswordFile, NobodyElseMayReachIt) {
    write("secret", fs::perms::owner_read | fs::perms::group_read);
    EXPECT_TRUE(credentials_of(settings));
    for (const auto more : {fs::perms::others_read, fs::perms::others_write}) {
        write("secret", fs::perms::owner_read | fs::perms::owner_write | more);
        const auto read = credentials_of(settings);
        ASSERT_FALSE(read);
        EXPECT_EQ(read.error().code, Errc::not_allowed);
        EXPECT_THAT(read.error().message, testing::AllOf(HasSubstr("letters.password_file"), HasSubstr("chmod o="),
                                                         testing::Not(HasSubstr("secret"))));
    }
}

TEST_F(PasswordFile, WhatIsNoPasswordIsToldAsThat) {
    EXPECT_THAT(error(), HasSubstr("No such file"));
    for (const char* text : {"", "\n", "\nsecond line"}) {
        write(text);
        EXPECT_THAT(error(), HasSubstr("first line is empty")) << text;
    }
    write(std::string(longest_credential + 1, 'p'));
    EXPECT_THAT(error(), HasSubstr("at most 255 bytes"));
    write(std::string("a\0b", 3));
    EXPECT_THAT(error(), HasSubstr("zero byte"));
    settings.password_file = directory.path();
    EXPECT_THAT(error(), HasSubstr("no file"));
}

TEST_F(PasswordFile, WithoutAUserThereIsNone) {
    settings.user.clear();
    EXPECT_FALSE(credentials_of(settings).value().has_value());
}

} // namespace
} // namespace provenbl::tools::letters

#include "store/creation.hpp"
#include "tests/support/store_fixture.hpp"

#include <fstream>
#include <iterator>
#include <sys/wait.h>
#include <unistd.h>

namespace provenbl {
namespace {

namespace fs = std::filesystem;

std::vector<std::string> names(const fs::path& directory) {
    std::vector<std::string> all;
    for (const auto& entry : fs::directory_iterator(directory)) all.push_back(entry.path().filename().string());
    return all;
}

std::string bytes(const fs::path& file) {
    std::ifstream in(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

TEST(Creation, LeavesOneFileThatCanBeOpened) {
    const test::TemporaryDirectory directory;
    ASSERT_TRUE(create_data_file(directory.path()));
    EXPECT_EQ(names(directory.path()), std::vector<std::string>{"data.mdb"});
    const ManualClock clock{Time{}};
    EXPECT_TRUE(Store::open({directory.path(), true}, clock)); // with tables and schema version
}

TEST(Creation, AFileThatIsThereStaysAsItIs) {
    const test::TemporaryDirectory directory;
    std::ofstream(directory.path() / "data.mdb") << "somebody else's";
    ASSERT_TRUE(create_data_file(directory.path()));
    EXPECT_EQ(bytes(directory.path() / "data.mdb"), "somebody else's");
}

TEST(Creation, WhatAnEndedProcessLeftIsRemoved) {
    const test::TemporaryDirectory directory;
    const auto child = ::fork();
    if (child == 0) ::_exit(0);
    ASSERT_EQ(::waitpid(child, nullptr, 0), child);
    fs::create_directory(directory.path() / ("creating-" + std::to_string(child)));
    fs::create_directory(directory.path() / "creating-1"); // runs
    ASSERT_TRUE(create_data_file(directory.path()));
    EXPECT_FALSE(fs::exists(directory.path() / ("creating-" + std::to_string(child))));
    EXPECT_TRUE(fs::exists(directory.path() / "creating-1"));
}

TEST(Creation, ADirectoryThatIsMissingIsSaid) {
    const test::TemporaryDirectory directory;
    const auto made = create_data_file(directory.path() / "nowhere");
    ASSERT_FALSE(made);
    EXPECT_NE(made.error().message.find("nowhere"), std::string::npos);
}

} // namespace
} // namespace provenbl

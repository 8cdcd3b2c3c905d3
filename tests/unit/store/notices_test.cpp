#include "store/notices.hpp"
#include "tests/support/store_fixture.hpp"

namespace provenbl {
namespace {

class Notices : public test::StoreFixture {
protected:
    Result<> shut(const char* note) {
        return store->write([&](WriteTxn& txn) -> Result<> {
            const auto done = notices::shut_down(txn, note, "carol");
            return done ? Result<>{} : Result<>{done.error()};
        });
    }
    Result<> resume() {
        return store->write([&](WriteTxn& txn) -> Result<> {
            const auto done = notices::resume(txn, "back again", "carol");
            return done ? Result<>{} : Result<>{done.error()};
        });
    }
    std::optional<Notice> shutdown() {
        return store->read([](const ReadTxn& txn) { return notices::shutdown(txn); });
    }
};

TEST_F(Notices, AShutdownIsKeptAndMovesTheSerial) {
    prove(1, test::ip("5.0.0.1"));
    EXPECT_FALSE(shutdown());
    ASSERT_TRUE(shut("we retire"));
    ASSERT_TRUE(shutdown());
    reopen();
    ASSERT_TRUE(shutdown());
    EXPECT_EQ(shutdown()->text, "we retire");
    EXPECT_EQ(store->statistics().journal, 2U);
    EXPECT_EQ(store->statistics().listed4, 1U) << "what is known is kept";
    EXPECT_EQ(shut("again").error().code, Errc::conflict);
    ASSERT_TRUE(resume());
    EXPECT_FALSE(shutdown());
    EXPECT_EQ(store->statistics().journal, 3U);
    EXPECT_EQ(resume().error().code, Errc::conflict);
    const auto told = store->read([](const ReadTxn& txn) { return notices::newest(txn, 10); });
    ASSERT_EQ(told.size(), 2U);
    EXPECT_EQ(told[0].kind, NoticeKind::resumed);
    EXPECT_EQ(told[1].kind, NoticeKind::shutdown);
}

TEST_F(Notices, AShutdownSaysWhy) {
    EXPECT_EQ(shut("").error().code, Errc::invalid);
    EXPECT_FALSE(shutdown());
}

} // namespace
} // namespace provenbl

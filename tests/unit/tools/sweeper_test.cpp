#include "store/sweeps.hpp"
#include "tests/support/store_fixture.hpp"
#include "tools/daemon/sweeper.hpp"

namespace provenbl::tools {
namespace {

using namespace std::chrono_literals;

class SweeperThread : public test::StoreFixture {
protected:
    void exclude(std::size_t change) {
        const auto done = store->write([&](WriteTxn& txn) -> Result<> {
            auto begun =
                sweeps::begin(txn, {Prefix::parse("5.6.0.0/16").value(), "asked", "carol", txn.now, {}}, 100, change);
            return begun ? Result<>() : begun.error();
        });
        ASSERT_TRUE(done) << done.error().message;
    }
    // The thread commits; a look at each commit, and a bound for a thread that never does.
    bool ends() {
        for (int looks = 0; looks < 600; ++looks) {
            const auto seen = store->version();
            if (!store->read(sweeps::under_way)) return true;
            store->wait_for_change(seen, 100ms);
        }
        return false;
    }
};

TEST_F(SweeperThread, FinishesWhatWasLeftAndWhatComes) {
    for (std::uint32_t i = 0; i < 20; ++i) prove(1 + i, Address::v4(0x05060000U + i));
    exclude(2);
    ASSERT_TRUE(store->read(sweeps::under_way));
    Sweeper sweeper(*store, {100, 3, 0ms, 1ms, 1ms});
    EXPECT_TRUE(ends());
    EXPECT_EQ(store->statistics().listed4, 0U);
    EXPECT_EQ(all_changes().size(), 40U);

    prove(100, test::ip("9.9.9.9"));
    exclude(2); // again, with nothing left to take off
    EXPECT_TRUE(ends());
    EXPECT_EQ(store->statistics().listed4, 1U);
}

} // namespace
} // namespace provenbl::tools

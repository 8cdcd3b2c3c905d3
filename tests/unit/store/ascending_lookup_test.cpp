#include "store/ascending_lookup.hpp"
#include "store/tables.hpp"
#include "tests/support/store_fixture.hpp"

#include <random>

namespace provenbl {
namespace {

class AscendingLookup : public test::StoreFixture {
protected:
    // Every third number below 300 is there, and says its half.
    AscendingLookup() {
        const auto done = store->write([](WriteTxn& txn) -> Result<> {
            for (std::uint64_t n = 0; n < 300; n += 3)
                txn.txn.put(txn.tables.audit, keys::number(n), keys::number(n / 2));
            return {};
        });
        if (!done) throw std::runtime_error(done.error().message);
    }
    static bool is_right(lmdb::AscendingLookup& lookup, std::uint64_t n) {
        const auto found = lookup.find(keys::number(n));
        return found.has_value() == (n < 300 && n % 3 == 0) && (!found || keys::to_number(*found) == n / 2);
    }
};

TEST_F(AscendingLookup, FindsWhatIsThereAndNothingElse) {
    store->read([](const ReadTxn& txn) {
        lmdb::AscendingLookup each(txn.txn, txn.tables.audit);
        for (std::uint64_t n = 0; n < 310; ++n) EXPECT_TRUE(is_right(each, n)) << n;
        lmdb::AscendingLookup far(txn.txn, txn.tables.audit);
        for (const std::uint64_t n : {1U, 90U, 91U, 290U, 297U, 298U, 4000U, 4001U}) EXPECT_TRUE(is_right(far, n)) << n;
    });
}

TEST_F(AscendingLookup, KeysThatComeAgainOrGoBackAreFoundToo) {
    store->read([](const ReadTxn& txn) {
        lmdb::AscendingLookup lookup(txn.txn, txn.tables.audit);
        std::mt19937_64 dice(7);
        for (int i = 0; i < 3000; ++i) {
            const auto n = dice() % 320;
            EXPECT_TRUE(is_right(lookup, n)) << n;
            if (i % 2 == 0) {
                EXPECT_TRUE(is_right(lookup, n)) << n;
            }
        }
    });
}

TEST_F(AscendingLookup, AnEmptyTableAndOneThatIsMissingHaveNothing) {
    store->read([](const ReadTxn& txn) {
        lmdb::AscendingLookup empty(txn.txn, txn.tables.purges);
        lmdb::AscendingLookup absent(txn.txn, lmdb::absent_table);
        for (const std::uint64_t n : {5U, 1U, 9U}) {
            EXPECT_FALSE(empty.find(keys::number(n)));
            EXPECT_FALSE(absent.find(keys::number(n)));
        }
    });
}

} // namespace
} // namespace provenbl

// Ends this process inside a system call of the store, as kill -9 or as a power cut would; or lets the disk fail.
//
// The program that links this puts its own write, pwrite, writev, fdatasync, fsync, msync, ftruncate and mmap in front
// of the C library's, so that the cut falls exactly between two steps of a commit, or into the growth of the map.
// Before a power cut, whatever was written since the last sync is undone at random, sector by sector: an honest disk
// may have kept any part of it. Writes through a descriptor that was opened O_DSYNC are kept.
#pragma once

#include <cstdint>
#include <string>

namespace provenbl::crash {

enum class Cut { kill, power };

// The cut comes in the `after`-th call from now on; `only`, if any, names the one kind of call that counts.
// `note` is a descriptor that is told, in a line of its own, where the cut was made.
void cut_after(Cut how, std::uint64_t after, const std::string& only, std::uint64_t seed, int note);

// A disk that says it has synced and has not. Nothing can keep a promise on it: shows that the test would notice.
void lie_about_syncs();

// From the `after`-th write or sync on, `times` of them fail: with EIO, with ENOSPC, or by writing only a half.
enum class Failure { io, full, half };
void fail_after(Failure how, std::uint64_t after, std::uint64_t times);

} // namespace provenbl::crash

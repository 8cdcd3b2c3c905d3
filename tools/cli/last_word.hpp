// What a command says when Ctrl-C ends it in the middle of something that goes on without it.
//
// While a LastWord lives, SIGINT writes it to standard error, takes back any colour, and then ends the process as
// SIGINT does (a shell sees 130). One at a time; where SIGINT is ignored (nohup), it stays ignored.
#pragma once

#include <csignal>
#include <string_view>

namespace provenbl::tools::cli {

class LastWord {
public:
    explicit LastWord(std::string_view text); // cut after 500 bytes
    ~LastWord();
    LastWord(const LastWord&) = delete;
    LastWord& operator=(const LastWord&) = delete;

private:
    struct sigaction before_ {};
};

} // namespace provenbl::tools::cli

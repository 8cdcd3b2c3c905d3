#include "tests/unit/tools/pages_document.hpp"

#include "tools/api/plain_text.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <set>

namespace provenbl::tools {
namespace {

constexpr std::array<std::string_view, 6> void_elements{"br", "hr", "img", "input", "link", "meta"};

class Reader {
public:
    explicit Reader(std::string_view text) : text_(text) {}

    std::vector<std::string> read() {
        if (!api::is_plain(text_)) fault("bytes that are no plain UTF-8");
        constexpr std::string_view doctype = "<!doctype html>";
        if (!text_.starts_with(doctype)) fault("no doctype");
        at_ = doctype.size();
        while (at_ < text_.size() && faults_.size() < 20) {
            if (text_[at_] == '<')
                text_[at_ + 1] == '/' ? end_tag() : start_tag();
            else
                character(text_[at_]);
        }
        if (!open_.empty()) fault("<" + open_.back() + "> stays open");
        for (const auto& id : referred_) {
            if (!ids_.contains(id)) fault("nothing has the id '" + id + "'");
        }
        for (const auto& input : inputs_) {
            if (!labels_.contains(input)) fault("the input '" + input + "' has no label");
        }
        if (headings_ != 1) fault("the page has " + std::to_string(headings_) + " h1");
        for (const char* needed : {"html", "head", "title", "body", "main", "header", "footer", "nav"}) {
            if (!seen_.contains(needed)) fault(std::string{"no <"} + needed + ">");
        }
        return faults_;
    }

private:
    void fault(const std::string& what) { faults_.push_back(what + " at byte " + std::to_string(at_)); }

    // A character of text or of an attribute.
    void character(char c) {
        if (c == '&') {
            const auto end = text_.find(';', at_);
            const auto name = end == std::string_view::npos ? std::string_view{} : text_.substr(at_, end - at_ + 1);
            static const std::set<std::string_view> known{"&amp;", "&lt;", "&gt;", "&quot;", "&#39;"};
            if (!known.contains(name)) fault("a bare '&'");
        }
        if (c == '>') fault("a bare '>'");
        ++at_;
    }

    std::string name() {
        const auto begin = at_;
        while (at_ < text_.size() && (std::isalnum(static_cast<unsigned char>(text_[at_])) != 0 || text_[at_] == '-'))
            ++at_;
        if (at_ == begin) {
            fault("no name");
            ++at_;
        }
        return std::string{text_.substr(begin, at_ - begin)};
    }

    void end_tag() {
        at_ += 2;
        const auto tag = name();
        if (text_.substr(at_, 1) != ">") fault("</" + tag + " is not closed");
        ++at_;
        if (open_.empty() || open_.back() != tag) {
            fault("</" + tag + "> closes <" + (open_.empty() ? std::string{} : open_.back()) + ">");
            return;
        }
        open_.pop_back();
    }

    void start_tag() {
        ++at_;
        const auto tag = name();
        std::map<std::string, std::string> attributes;
        while (text_.substr(at_, 1) == " ") {
            ++at_;
            const auto attribute = name();
            if (text_.substr(at_, 2) != "=\"") {
                fault(attribute + " is not quoted");
                return;
            }
            at_ += 2;
            const auto begin = at_;
            while (at_ < text_.size() && text_[at_] != '"') {
                if (text_[at_] == '<') fault("a bare '<' in " + attribute);
                character(text_[at_]);
            }
            if (!attributes.emplace(attribute, text_.substr(begin, at_ - begin)).second)
                fault(attribute + " is given twice");
            ++at_;
        }
        if (text_.substr(at_, 1) != ">") fault("<" + tag + " is not closed");
        ++at_;
        element(tag, attributes);
        if (std::find(void_elements.begin(), void_elements.end(), tag) == void_elements.end()) open_.push_back(tag);
    }

    void element(const std::string& tag, const std::map<std::string, std::string>& attributes) {
        seen_.insert(tag);
        const auto has = [&](const char* attribute) { return attributes.contains(attribute); };
        if (tag == "html" && !has("lang")) fault("no language");
        if (tag == "style" || (tag == "script" && !has("src"))) fault("inline <" + tag + ">");
        if (tag == "input") inputs_.insert(has("id") ? attributes.at("id") : std::string{"(without id)"});
        if (tag == "label" && has("for")) labels_.insert(attributes.at("for"));
        if (tag == "button" && !has("type")) fault("a button without type");
        if (tag.size() == 2 && tag[0] == 'h' && tag[1] >= '1' && tag[1] <= '6') {
            const int level = tag[1] - '0';
            if (level > level_ + 1) fault("h" + std::to_string(level) + " follows h" + std::to_string(level_));
            level_ = level;
            headings_ += level == 1 ? 1 : 0;
        }
        // A block in a paragraph would end it (HTML 8.1.2.4).
        static const std::set<std::string> blocks{"p",   "div",     "ul",   "ol", "table",
                                                  "pre", "section", "form", "h1", "h2"};
        if (blocks.contains(tag) && std::find(open_.begin(), open_.end(), "p") != open_.end())
            fault("<" + tag + "> inside <p>");
        for (const auto& [attribute, value] : attributes) {
            if (attribute == "style" || attribute.starts_with("on")) fault("inline " + attribute);
            if (attribute == "id" && !ids_.insert(value).second) fault("the id '" + value + "' is given twice");
            if (attribute == "for" || attribute == "aria-describedby") refer(value);
            if (attribute == "href" && value.starts_with('#')) refer(value.substr(1));
            if ((attribute == "href" || attribute == "src" || attribute == "action") && value.find("javascript:") == 0)
                fault("a script in " + attribute);
        }
    }

    // One id, or several with blanks between them.
    void refer(const std::string& ids) {
        std::size_t begin = 0;
        while (begin <= ids.size()) {
            const auto end = std::min(ids.find(' ', begin), ids.size());
            referred_.insert(ids.substr(begin, end - begin));
            begin = end + 1;
        }
    }

    std::string_view text_;
    std::size_t at_ = 0;
    std::vector<std::string> faults_;
    std::vector<std::string> open_;
    std::set<std::string> ids_, referred_, inputs_, labels_, seen_;
    int level_ = 0;
    int headings_ = 0;
};

} // namespace

std::vector<std::string> faults_of(std::string_view document) {
    return Reader{document}.read();
}

} // namespace provenbl::tools

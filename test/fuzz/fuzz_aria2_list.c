#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "http/field.h"
#include "input/aria2_list.h"

/*
 * The entries of a list with mirrors and keys do not depend on the pieces in which it arrives, and
 * each keeps the promises of entry.h. The first byte chooses the pieces, the rest is the list.
 */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds)
{
    if (!holds)
        abort();
}

static void add_text(struct haul_buf *to, const char *text)
{
    haul_buf_addf(to, "<%s>", text ? text : "");
}

static bool is_one_line(const char *text)
{
    for (; *text; text++)
        if ((unsigned char)*text < 0x20 && *text != '\t')
            return false;
    return true;
}

static void check_said(const struct haul_entry_options *said, enum haul_list_keys keys,
                       struct haul_buf *to)
{
    require(said->header_count <= HAUL_SETTING_HEADERS_MAX && !said->mirror_count);
    require(said->user || !said->password);
    for (size_t i = 0; i < said->header_count; i++) {
        require(is_one_line(said->headers[i]));
        require(!haul_field_is_reserved(said->headers[i]));
        require(keys == HAUL_LIST_KEYS_ALL || haul_field_is_harmless(said->headers[i]));
        add_text(to, said->headers[i]);
    }
    require(said->attached_count <= HAUL_ENTRY_LABELS_MAX);
    for (size_t i = 0; i < said->attached_count; i++) {
        require(*said->attached[i].value && !strchr(said->attached[i].value, '\t'));
        require(!i || strcmp(said->attached[i].name, said->attached[i - 1].name) != 0);
        add_text(to, said->attached[i].name);
        add_text(to, said->attached[i].value);
    }
    add_text(to, said->out);
    add_text(to, said->dir);
    add_text(to, said->checksum);
    add_text(to, said->user);
    require(!said->referer || (*said->referer && is_one_line(said->referer)));
    require(!said->user_agent || (*said->user_agent && is_one_line(said->user_agent)));
    require(said->connect_timeout_ms == -1 ||
            (said->connect_timeout_ms >= 1000 && said->connect_timeout_ms <= 600000));
    require(said->max_tries >= -1 && said->speed_limit >= -1 && said->speed_limit <= INT32_MAX);
}

static void check_entry(const struct haul_list_entry *entry, uint64_t line_before,
                        enum haul_list_keys keys, struct haul_buf *to)
{
    require(entry->line > line_before);
    require((entry->reason == HAUL_REASON_BAD_ENTRY) == (entry->problem != NULL));
    require(!entry->options || entry->reason == HAUL_REASON_NONE || entry->options->attached_count);
    require(entry->mirror_count <= HAUL_ENTRY_MIRRORS_MAX);
    haul_buf_addf(to, "%llu %d ", (unsigned long long)entry->line, (int)entry->reason);
    haul_buf_add(to, entry->text, entry->len);
    for (size_t i = 0; i < entry->mirror_count; i++) {
        require(*entry->mirror[i] && !strchr(entry->mirror[i], '\t'));
        add_text(to, entry->mirror[i]);
    }
    if (entry->problem)
        add_text(to, entry->problem);
    if (entry->options)
        check_said(entry->options, keys, to);
}

static void read_on(struct haul_aria2_list *entries, uint64_t *line, struct haul_buf *to)
{
    struct haul_list_entry entry;
    enum haul_err err;

    while ((err = haul_aria2_list_next(entries, &entry)) == HAUL_OK) {
        check_entry(&entry, *line, entries->rules->keys, to);
        add_text(to, haul_aria2_list_warning(entries));
        *line = entry.line;
    }
    require(err == HAUL_ERR_END);
}

static void read_list(const char *text, size_t len, size_t piece,
                      const struct haul_setting_rules *rules, struct haul_buf *to)
{
    struct haul_setting_told told = {.dir = false};
    struct haul_aria2_list entries;
    uint64_t line = 0;

    haul_aria2_list_init(&entries, rules, &told);
    for (size_t at = 0; at < len; at += piece) {
        haul_feed_add(&entries.lines.feed, text + at, len - at < piece ? len - at : piece);
        read_on(&entries, &line, to);
    }
    haul_feed_finish(&entries.lines.feed);
    read_on(&entries, &line, to);
    haul_aria2_list_done(&entries);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct haul_setting_rules rules = {.root = "/d"};
    struct haul_buf whole, pieces;

    if (size < 1)
        return 0;
    rules.keys = (enum haul_list_keys)(data[0] % (HAUL_LIST_KEYS_NONE + 1));
    haul_buf_init(&whole, 0);
    haul_buf_init(&pieces, 0);
    read_list((const char *)data + 1, size - 1, SIZE_MAX / 2, &rules, &whole);
    read_list((const char *)data + 1, size - 1, (size_t)data[0] + 1, &rules, &pieces);
    require(whole.len == pieces.len);
    require(whole.len == 0 || memcmp(whole.data, pieces.data, whole.len) == 0);
    haul_buf_done(&whole);
    haul_buf_done(&pieces);
    return 0;
}

#include "hot_journal.h"

#include <string.h>

#include "base/buf.h"
#include "harness.h"

static void add_number(struct haul_buf *journal, unsigned number)
{
    for (int shift = 24; shift >= 0; shift -= 8)
        haul_buf_add_char(journal, (char)(number >> shift));
}

void hot_journal_write(const char *path, const char *named)
{
    static const char magic[] = "\xd9\xd5\x05\xf9\x20\xa1\x63\xd7";
    unsigned sum = 0, len = named ? (unsigned)strlen(named) : 0;
    struct haul_buf journal;

    for (unsigned i = 0; i < len; i++)
        sum += (unsigned char)named[i];
    haul_buf_init(&journal, 0);
    haul_buf_add(&journal, magic, 8); /* a head without pages: sizes of sector and page */
    haul_buf_add(&journal, "\0\0\0\0\0\0\0\0\0\0\0\1\0\0\2\0\0\0\x10\0", 20);
    haul_buf_pad(&journal, '\0', 512 - 28);
    if (named) {
        add_number(&journal, 1073741824 / 4096 + 1); /* the page that is only locked */
        haul_buf_add_str(&journal, named);
        add_number(&journal, len);
        add_number(&journal, sum);
        haul_buf_add(&journal, magic, 8);
    }
    it_write(path, journal.data, journal.len);
    haul_buf_done(&journal);
}

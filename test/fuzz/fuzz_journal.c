#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "journal/line.h"
#include "journal/resume.h"
#include "journal/scan.h"
#include "report/row.h"

/*
 * A journal's line gives back what was written into it, whatever the strings are; a line that is
 * accepted can be read; and a file of any bytes is cut into lines that together are the file, and
 * is haul's only if there is something of haul's in it. The first byte chooses: '0' the rest is the
 * strings of a record, '1' one line, else a file.
 */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds)
{
    if (!holds)
        abort();
}

static void check_same(const struct haul_record *a, const struct haul_record *b)
{
    struct haul_buf one, other;

    haul_buf_init(&one, 0);
    haul_buf_init(&other, 0);
    haul_row_jsonl(&one, a, NULL);
    haul_row_jsonl(&other, b, NULL);
    require(!one.err && !other.err && strcmp(one.data, other.data) == 0);
    haul_buf_done(&one);
    haul_buf_done(&other);
}

/* Lines written: one line, accepted, and read as what it was. */
static void check_round_trip_with(const struct haul_record *rec, struct haul_key key)
{
    struct haul_journal_parser parser;
    struct haul_journal_mark mark;
    struct haul_record read;
    struct haul_buf line;

    haul_buf_init(&line, 0);
    haul_journal_parser_init(&parser);
    haul_journal_add_record(&line, rec, &key, 0);
    require(!line.err && memchr(line.data, '\n', line.len) == line.data + line.len - 1);
    require(haul_journal_peek(line.data, line.len - 1, &mark) == HAUL_OK);
    require(mark.key.high == key.high && mark.key.low == key.low && mark.key.old == key.old);
    require(mark.outcome == rec->outcome && mark.seq == rec->seq);
    require(haul_journal_parse(&parser, line.data, line.len - 1, &read) == HAUL_OK);
    require(strcmp(read.url, rec->url) == 0);
    require(!rec->errormsg || strcmp(read.errormsg, rec->errormsg) == 0);
    check_same(rec, &read);
    haul_journal_parser_done(&parser);
    haul_buf_done(&line);
}

/* With a key of this version, and of version 1. */
static void check_round_trip(const struct haul_record *rec)
{
    check_round_trip_with(rec, (struct haul_key){.high = 1, .low = UINT64_MAX});
    check_round_trip_with(rec, (struct haul_key){.old = UINT64_MAX});
}

/* The strings of a record are cut from the input at its NULs. */
static void check_strings(const uint8_t *data, size_t size)
{
    char *text = calloc(size + 1, 1);
    const char *part[6];
    struct haul_record rec;
    size_t at = 0;

    require(text != NULL);
    memcpy(text, data, size);
    for (size_t i = 0; i < 6; i++) {
        part[i] = text + at;
        at += strlen(text + at);
        at += at < size;
    }
    haul_record_init(&rec);
    rec.url = part[0];
    rec.errormsg = part[1];
    rec.source = part[2];
    rec.etag = part[3];
    rec.content_type = part[4];
    rec.url_effective = part[5];
    rec.seq = size;
    rec.started_us = (int64_t)size * 86399999000;
    rec.outcome = (enum haul_outcome)(size % HAUL_OUTCOME_COUNT);
    check_round_trip(&rec);
    free(text);
}

static void check_line(const char *line, size_t len)
{
    struct haul_journal_parser parser;
    struct haul_journal_mark mark;
    struct haul_record rec;

    if (memchr(line, '\n', len) || haul_journal_peek(line, len, &mark) ||
        mark.kind != HAUL_JOURNAL_RECORD)
        return;
    haul_journal_parser_init(&parser);
    require(haul_journal_parse(&parser, line, len, &rec) == HAUL_OK);
    require(rec.outcome == mark.outcome && rec.seq == mark.seq);
    check_round_trip(&rec);
    haul_journal_parser_done(&parser);
}

static void check_spans(int fd, const char *data, size_t size, struct haul_resume_stats *stats)
{
    struct haul_journal_scan *scan;
    struct haul_journal_span span;
    uint64_t at = 0, lines = 0, sound = 0;
    enum haul_err err;

    require(haul_journal_scan_create(fd, size, &scan) == HAUL_OK);
    while ((err = haul_journal_scan_next(scan, &span)) == HAUL_OK) {
        require(span.offset == at && span.number == ++lines);
        require(span.size == span.len + span.is_whole && span.size > 0);
        require(memcmp(span.text, data + at, span.len) == 0);
        require(!span.is_whole || data[at + span.len] == '\n');
        require(span.is_whole || !span.is_sound);
        sound += span.is_sound;
        at += span.size;
    }
    require(err == HAUL_ERR_END && at == size);
    require(stats->damaged + (stats->tail_line != 0) + sound == lines);
    haul_journal_scan_free(scan);
}

static void check_file(const uint8_t *data, size_t size)
{
    FILE *file = tmpfile();
    struct haul_resume *resume;
    struct haul_resume_stats stats;
    struct haul_record rec;
    struct haul_key key;
    uint64_t rows = 0;
    enum haul_err err;
    bool is_own;

    require(file && fwrite(data, 1, size, file) == size && fflush(file) == 0);
    require(haul_resume_create(&resume) == HAUL_OK);
    err = haul_resume_add(resume, fileno(file), &stats);
    if (!err) {
        require(stats.keep + stats.tail == size);
        require(haul_journal_scan_is_own(fileno(file), size, &is_own) == HAUL_OK);
        require(!is_own || stats.headers || stats.records || stats.tail == size);
        check_spans(fileno(file), (const char *)data, size, &stats);
        require(haul_resume_settle(resume) == HAUL_OK);
        require(haul_resume_count(resume) <= stats.records);
        require(haul_resume_walk(resume, size % 2) == HAUL_OK);
        while (haul_resume_next(resume, &rec, &key) == HAUL_OK)
            rows++;
        require(rows == haul_resume_count(resume));
    }
    haul_resume_free(resume);
    fclose(file);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 1)
        return 0;
    if (data[0] == '0')
        check_strings(data + 1, size - 1);
    else if (data[0] == '1')
        check_line((const char *)data + 1, size - 1);
    else
        check_file(data + 1, size - 1);
    return 0;
}

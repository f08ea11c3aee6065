#include "model/target.h"

#include <string.h>

const char *const haul_report_format_words[HAUL_FORMAT_COUNT + 1] = {
    [HAUL_FORMAT_TEXT] = "text",         [HAUL_FORMAT_CSV] = "csv",
    [HAUL_FORMAT_TSV] = "tsv",           [HAUL_FORMAT_JSONL] = "jsonl",
    [HAUL_FORMAT_JSON] = "json",         [HAUL_FORMAT_HTML] = "html",
    [HAUL_FORMAT_MARKDOWN] = "markdown", [HAUL_FORMAT_PROMETHEUS] = "prometheus",
    [HAUL_FORMAT_JUNIT] = "junit",       [HAUL_FORMAT_GITHUB] = "github"};

const char *haul_report_target_read(const char *text, struct haul_report_target *target)
{
    const char *colon = strchr(text, ':');
    size_t len = colon ? (size_t)(colon - text) : 0;

    if (!colon)
        return "must be FORMAT:FILE";
    if (!colon[1])
        return "the file's name is missing";
    target->file = colon + 1;
    for (int i = 0; i < HAUL_FORMAT_COUNT; i++) {
        const char *word = haul_report_format_words[i];

        target->format = (enum haul_format)i;
        if (strlen(word) == len && memcmp(text, word, len) == 0)
            return NULL;
    }
    return "the formats are text, csv, tsv, jsonl, json, html, markdown, prometheus, junit and "
           "github";
}

bool haul_report_format_has_rows(enum haul_format format)
{
    return format < HAUL_FORMAT_ROWS;
}

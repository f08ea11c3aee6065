#include "report/target.h"

#include <string.h>

static const char *const words[HAUL_REPORT_KIND_COUNT] = {
    [HAUL_REPORT_TEXT] = "text",         [HAUL_REPORT_CSV] = "csv",
    [HAUL_REPORT_TSV] = "tsv",           [HAUL_REPORT_JSONL] = "jsonl",
    [HAUL_REPORT_JSON] = "json",         [HAUL_REPORT_HTML] = "html",
    [HAUL_REPORT_MARKDOWN] = "markdown", [HAUL_REPORT_PROMETHEUS] = "prometheus",
    [HAUL_REPORT_JUNIT] = "junit",       [HAUL_REPORT_GITHUB] = "github"};

const char *haul_report_target_read(const char *text, struct haul_report_target *target)
{
    const char *colon = strchr(text, ':');
    size_t len = colon ? (size_t)(colon - text) : 0;

    if (!colon)
        return "must be FORMAT:FILE";
    if (!colon[1])
        return "the file's name is missing";
    target->file = colon + 1;
    for (int i = 0; i < HAUL_REPORT_KIND_COUNT; i++) {
        target->kind = (enum haul_report_kind)i;
        if (strlen(words[i]) == len && memcmp(text, words[i], len) == 0)
            return NULL;
    }
    return "the formats are text, csv, tsv, jsonl, json, html, markdown, prometheus, junit and "
           "github";
}

bool haul_report_target_has_rows(const struct haul_report_target *target, enum haul_format *format)
{
    switch (target->kind) {
    case HAUL_REPORT_TEXT:
        *format = HAUL_FORMAT_TEXT;
        return true;
    case HAUL_REPORT_CSV:
        *format = HAUL_FORMAT_CSV;
        return true;
    case HAUL_REPORT_TSV:
        *format = HAUL_FORMAT_TSV;
        return true;
    case HAUL_REPORT_JSONL:
        *format = HAUL_FORMAT_JSONL;
        return true;
    default:
        return false;
    }
}

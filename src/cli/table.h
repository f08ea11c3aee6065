#ifndef HAUL_CLI_TABLE_H
#define HAUL_CLI_TABLE_H

#include "cli/option.h"

/*
 * The parts of the option table, a file for some groups of options each. Only table.c puts them
 * together; everybody else asks haul_options_row. A row's offset says where its value goes; the
 * type of the field is its setter's business (set.h).
 */
struct haul_option_rows {
    const struct haul_option *row; /* [const] */
    size_t count;
};

/* In the order of --help. */
extern const struct haul_option_rows haul_option_rows_input, haul_option_rows_request,
    haul_option_rows_limits, haul_option_rows_saving, haul_option_rows_report;

/* Of a row: the field that it writes, of the configuration or of struct haul_options_result. */
#define FIELD(name) .offset = offsetof(struct haul_config, name)
#define RESULT(name) .offset = offsetof(struct haul_options_result, name)

#endif

#include "cli/table.h"

static const struct haul_option_rows *const part[] = {
    &haul_option_rows_input,  &haul_option_rows_request, &haul_option_rows_limits,
    &haul_option_rows_saving, &haul_option_rows_report,
};

const struct haul_option *haul_options_row(size_t i)
{
    for (size_t k = 0; k < sizeof part / sizeof *part; k++) {
        if (i < part[k]->count)
            return &part[k]->row[i];
        i -= part[k]->count;
    }
    return NULL;
}

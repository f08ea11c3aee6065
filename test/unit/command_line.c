#include "command_line.h"

#include <stdlib.h>
#include <string.h>

void parse(struct parsed *parsed, const char *const *args)
{
    *parsed = (struct parsed){.argc = 0};
    haul_buf_init(&parsed->message, 0);
    parsed->argv[parsed->argc++] = strdup("haul");
    for (; *args; args++) {
        ck_assert_int_lt(parsed->argc, ARGS_MAX);
        parsed->argv[parsed->argc++] = strdup(*args);
    }
    parsed->err = haul_options_parse(parsed->argc, parsed->argv, NULL, &parsed->config,
                                     &parsed->result, &parsed->message);
}

void parsed_done(struct parsed *parsed)
{
    haul_config_done(&parsed->config);
    haul_buf_done(&parsed->message);
    while (parsed->argc)
        free(parsed->argv[--parsed->argc]);
}

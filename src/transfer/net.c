#include "transfer/net.h"

#include <stdlib.h>

#include "transfer/net_inside.h"

static enum haul_err make_memory(struct haul_net *net)
{
    struct haul_line *line = calloc(1, sizeof *line);
    enum haul_err err;

    net->memory = calloc(1, sizeof *net->memory);
    err = net->memory && line ? haul_line_init(line, net->memory) : HAUL_ERR_NOMEM;
    if (err) {
        free(line);
        return err;
    }
    net->memory->max = net->config->decode_memory;
    net->line = line;
    return HAUL_OK;
}

enum haul_err haul_net_create(const struct haul_config *config,
                              const struct haul_redactor *redactor,
                              const struct haul_body_store *bodies, struct haul_net **out)
{
    struct haul_net *net = calloc(1, sizeof *net);
    enum haul_err err;

    if (!net)
        return HAUL_ERR_NOMEM;
    net->config = config;
    net->redactor = redactor;
    net->bodies = bodies;
    err = make_memory(net);
    if (!err)
        err = haul_wire_common_create(config, &net->wire);
    if (err)
        haul_net_free(net);
    else
        *out = net;
    return err;
}

void haul_net_free(struct haul_net *net)
{
    if (!net)
        return;
    haul_wire_common_free(net->wire);
    if (net->line)
        haul_line_done(net->line);
    free(net->line);
    free(net->memory);
    free(net);
}

void haul_net_trusted(const char **file, const char **directory)
{
    haul_wire_trusted(file, directory);
}

const char *haul_net_version(void)
{
    return haul_wire_version();
}

const char *haul_net_features(void)
{
    return haul_wire_features();
}

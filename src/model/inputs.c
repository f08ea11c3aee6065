#include "model/inputs.h"

bool haul_inputs_are_complete(const struct haul_inputs *inputs, const struct haul_ledger *ledger)
{
    return !inputs->is_unread && !inputs->nothing_found && !inputs->is_error &&
           !ledger->count[HAUL_OUTCOME_PENDING];
}

void haul_inputs_add(struct haul_inputs *inputs, const struct haul_inputs *more)
{
    inputs->is_unread |= more->is_unread;
    inputs->nothing_found |= more->nothing_found;
    inputs->is_error |= more->is_error;
    inputs->empty += more->empty;
}

#!/bin/sh
# As RUSTC_WORKSPACE_WRAPPER: plants the fault that `signal-sweep` must find, in this workspace alone,
# so that dependencies are not built again.
exec "$@" --cfg reveille_fault

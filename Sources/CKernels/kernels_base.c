// The kernels for what every processor of the architecture has.
#include "CKernels.h"

#define CK_SUFFIX base
#include "template/all.h"

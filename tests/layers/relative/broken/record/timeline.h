#pragma once
#include "../core/date.h"

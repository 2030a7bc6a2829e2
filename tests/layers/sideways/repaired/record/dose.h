#pragma once
#include "record/timeline.h"

#pragma once
#include "product/bag.h"

#pragma once
#include <engine/explain.h>

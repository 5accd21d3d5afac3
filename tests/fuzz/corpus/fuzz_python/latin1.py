# -*- coding: latin-1 -*-
revision = 'café'
naïve = 1

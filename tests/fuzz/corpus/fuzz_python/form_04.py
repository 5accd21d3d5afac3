if x: y = 1
if x: y = 1; z = 2;
if f(): pass
elif g(): a = 1
else: b = 2
while h(): c = 3
else: d = 4
for e in i(): f = j()
else: g = 5
for a, b in c: pass
for a.b, c[d], *e in f: pass
for (a, b) in c, d: pass
for x in *a, b: pass
for x in lambda: y, z: pass
for x, in y: pass
try: h = 6
except A: i = 7
except (B, k()) as j: l = m()
else: n = 8
finally: o = 9
with p() as q: r = s()
class T(u(), v=w()): x = y()
def z(): aa = 1

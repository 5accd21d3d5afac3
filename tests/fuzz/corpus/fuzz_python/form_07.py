(a := 1)
f(b := 2)
[c := 3, d := 4]
x = (e := (f := 5))
y = lambda: (g := 6)
z = [h := i for i in j if (k := i)]
if (l := m()): pass
while (n := o()): pass
assert (p := 1), (q := 2)
r[s := 1]
r[(t := 1):(u := 2)]
for v in (w := x()): pass
lambda a=(aa := 1): (ab := 2)
print(f"{(ac := 1)} {ad:=1}")
f"{(lambda: (ae := 1))}"
def g(a=(af := 1)): (ag := 2)

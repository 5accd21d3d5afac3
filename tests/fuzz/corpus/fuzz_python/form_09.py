match = 1
match.x = 2
match[x] = 3
match(x)
match(x).y = 4
match * x
match, case = 1, 2
match: int = 5
match[x]: int
case = 6
case(x)
type = 7
type(x)
type: int = 8
print(match)
_ = match if case else type
match -x:
    case y: case = 1; match = 2
match (x):
    case (y): pass
match [x]:
    case [y]: pass
match {}:
    case _: match: int = 9

using Gateway.Alignment.Spread;

namespace Gateway.Benchmarks.Alignment;

/// <summary>T1 and T2 of docs/measuring.md §6: the classes.</summary>
internal static class ClassScenarios
{
    private static readonly (double SpreadMs, AlignmentClass Class)[] s_table =
    [
        (0.4, AlignmentClass.Locked), (1, AlignmentClass.Locked), (14.9, AlignmentClass.Tight), (15, AlignmentClass.Roomwide),
        (22, AlignmentClass.Roomwide), (28, AlignmentClass.Roomwide), (28.1, AlignmentClass.Loose), (39.9, AlignmentClass.Loose),
        (40, AlignmentClass.Smeared), (119.9, AlignmentClass.Smeared), (120, AlignmentClass.Split),
    ];

    public static ScenarioResult T1()
    {
        var wrong = s_table.Count(row => Classes(_ => row.SpreadMs).Distinct().Single() != row.Class);
        return new ScenarioResult("T1", s_table.Length, null, null, null, null, null, wrong == 0, [("wrong_classes", wrong)]);
    }

    public static ScenarioResult T2()
    {
        var classes = Classes(tick => tick / 10 % 2 == 0 ? 39 : 41).ToArray();
        var changes = classes.Zip(classes.Skip(1), (a, b) => a != b).Count(changed => changed);
        return new ScenarioResult("T2", 1, null, null, null, null, null, changes <= 1, [("class_changes", changes)]);
    }

    private static IEnumerable<AlignmentClass> Classes(Func<int, double> spreadMs)
    {
        var hysteresis = new ClassHysteresis();
        return Enumerable.Range(0, 300).Select(tick => hysteresis.Update(spreadMs(tick)));
    }
}

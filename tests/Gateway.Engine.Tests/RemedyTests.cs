using System.Text.RegularExpressions;
using Gateway.Engine.Tests.Physics;

namespace Gateway.Engine.Tests;

/// <summary>A remedy is something to do.</summary>
public sealed partial class RemedyTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void No_remedy_of_a_plan_says_that_there_is_none(bool forced)
    {
        var notices = Enumerable.Range(0, 800).Select(seed => RandomSpecs.Make(new Random(seed), 6, forced).Plan()).SelectMany(plan => plan.Blockers.Concat(plan.Warnings)).ToList();

        Assert.True(notices.Count > 1000, $"only {notices.Count}");
        Assert.All(notices, n => Assert.DoesNotMatch(NoRemedy(), n.Remedy));
    }

    [Fact]
    public void No_remedy_of_the_checklist_says_that_there_is_none()
    {
        var items = Enumerable.Range(0, 300).SelectMany(seed => Checklist.For(RandomSpecs.Make(new Random(seed), 6, false).House(), new CheckFacts())).Where(i => i.Result != CheckResult.Pass).ToList();

        Assert.True(items.Count > 1000, $"only {items.Count}");
        Assert.All(items, i => Assert.DoesNotMatch(NoRemedy(), i.Remedy));
    }

    [GeneratedRegex(@"^\s*$|^(None|Nothing|No remedy)\b")]
    private static partial Regex NoRemedy();
}

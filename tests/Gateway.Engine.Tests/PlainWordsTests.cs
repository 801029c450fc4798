using System.Text.RegularExpressions;
using Gateway.Engine.Tests.Physics;

namespace Gateway.Engine.Tests;

/// <summary>Sentences are for people; a rule's code stands in its own member.</summary>
public sealed partial class PlainWordsTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void No_sentence_of_a_plan_bears_a_rules_code(bool forced)
    {
        var (sentences, rules) = (0, new HashSet<string>());
        for (var seed = 0; seed < 800; seed++)
        {
            var plan = RandomSpecs.Make(new Random(seed), 6, forced).Plan();
            rules.UnionWith(plan.Blockers.Concat(plan.Warnings).Select(n => n.Rule));
            foreach (var sentence in SentencesOf(plan))
            {
                sentences++;
                Assert.False(Code().IsMatch(sentence), $"\"{sentence}\" of seed {seed} bears a rule's code.");
            }
        }

        Assert.True(sentences > 3000, $"only {sentences} sentences");
        Assert.True(rules.Count(Code().IsMatch) > 8, $"only of {string.Join(' ', rules.Order())}");
    }

    [Fact]
    public void No_sentence_of_the_checklist_bears_a_rules_code()
    {
        var facts = new CheckFacts { BluezVersion = "5.86", SpreadMs = 60, Class = SyncClass.Smeared, Calibrated = false, DriftPpm = 90 };
        for (var seed = 0; seed < 500; seed++)
        {
            var items = Checklist.For(RandomSpecs.Make(new Random(seed), 6, false).House(), seed % 2 == 0 ? facts : new CheckFacts());

            Assert.All(items, i => Assert.DoesNotMatch(Code(), $"{i.Title} {i.Text} {i.Remedy}"));
        }
    }

    private static IEnumerable<string> SentencesOf(Plan plan) =>
    [
        .. plan.Blockers.Concat(plan.Warnings).SelectMany(n => new[] { n.Text, n.Remedy }),
        .. plan.Unknown.Select(u => u.Ask),
        .. plan.Steps.Select(s => s.Why),
        .. plan.Alternatives.Select(a => a.Needs),
    ];

    [GeneratedRegex(@"\b[LTGS][1-9]\b")]
    private static partial Regex Code();
}

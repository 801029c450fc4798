using System.Diagnostics;
using Gateway.Engine;

namespace Gateway.Reconciler;

/// <summary>What is asked of every plan.</summary>
internal static class PlanNotices
{
    /// <summary>It can be carried out without the user.</summary>
    public static bool IsAutomatic(Plan plan) => plan is { Feasible: true, Automatic: Automation.Yes };

    /// <summary>The reconciler carries it out; the other steps are playback's or the user's.</summary>
    public static bool IsOurs(PlanStep step) => step switch
    {
        ConnectStep or DisconnectStep or PairStep or SetAudioOutputStep or CreateWifiGroupStep => true,
        StartStep or KeepAwakeStep or AskUserStep => false,
        _ => throw new UnreachableException(),
    };

    public static string Sentence(IEnumerable<PlanNotice> notices) => string.Join(" ", notices.Select(n => $"{n.Text} {n.Remedy}".Trim()).Distinct());

    public static List<string> RulesOf(IEnumerable<PlanNotice> notices) => [.. notices.Select(n => n.Rule).Distinct()];
}

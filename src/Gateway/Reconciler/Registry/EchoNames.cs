using Gateway.Engine;

namespace Gateway.Reconciler.Registry;

/// <summary>Which of the declared Echos a device on the air may be, by the names that both bear. Pure.</summary>
internal static class EchoNames
{
    /// <summary>Words that models bear: an Echo called "Dot" is not meant by each Echo Dot.</summary>
    private static readonly HashSet<string> s_ofModels = ["amazon", "echo", "dot", "plus", "studio", "show", "spot", "pop", "input", "flex", "link", "amp", "hub", "auto", "tap", "sub"];

    /// <summary>
    /// One: it is taken for that. Several: somebody has to say which. By name first ("Kitchen" and "Kitchen Echo-4F2"), then by model ("Echo Dot (5th gen)"
    /// and "Echo Dot-4F2"), else all of them: an Echo may have any name.
    /// </summary>
    public static IReadOnlyList<ConfiguredEcho> Fitting(string nameOnAir, IReadOnlyList<ConfiguredEcho> candidates)
    {
        var heard = Words(nameOnAir);
        var byName = candidates.Where(e => Words(e.Name) is var words && words.IsSubsetOf(heard) && !words.IsSubsetOf(s_ofModels)).ToList();
        if (byName.Count == 1) return byName;
        if (byName.Count == 0) byName = [.. candidates];
        var model = Words(ModelOf(nameOnAir));
        var byModel = byName.Where(e => e.Model is { } stated && Words(stated.Split('(')[0]).SetEquals(model)).ToList();
        return byModel.Count > 0 ? byModel : byName;
    }

    /// <summary>"Echo Dot-4F2" is an Echo Dot: what follows the dash tells one from another.</summary>
    private static string ModelOf(string nameOnAir) => nameOnAir.LastIndexOf('-') is > 0 and var dash ? nameOnAir[..dash] : nameOnAir;

    private static HashSet<string> Words(string text) =>
        [.. new string([.. text.Select(c => char.IsLetterOrDigit(c) ? char.ToLowerInvariant(c) : ' ')]).Split(' ', StringSplitOptions.RemoveEmptyEntries)];
}

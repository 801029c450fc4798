using Gateway.Engine;
using Gateway.Engine.Text;
using Gateway.House;
using Gateway.Reconciler.Echoes;
using Gateway.Reconciler.Runs;

namespace Gateway.Reconciler.Groups;

/// <summary>What a group may take its sound from: the options that people choose from, and what they write instead. Reads only; the Echos among the options are kept as long as the house looks the same.</summary>
internal sealed class GroupSources(HouseView view, DesiredState desired)
{
    private List<OptionDocument> _echoes = [];
    private int _version = -1;

    public List<OptionDocument> Of(GroupRun run)
    {
        var echoes = view.Registry.Effective.Echoes;
        if (_version != view.Version) _echoes = EchoSources(echoes);
        _version = view.Version;
        List<OptionDocument> options = [.. _echoes];
        if (run.Group.Members.Any(m => echoes.Any(e => e.Id == m))) options.Add(new OptionDocument("Alexa", "alexa"));
        options.AddRange(view.SourceOffers.Select(o => new OptionDocument(o.Name, o.Source.ToString())));
        if (desired.SourceOf(run.Group) is { } source && options.All(o => o.Value != source.ToString())) options.Add(new OptionDocument(source.ToString(), source.ToString()));
        return options;
    }

    private static List<OptionDocument> EchoSources(IReadOnlyList<ConfiguredEcho> echoes)
    {
        var names = echoes.CountBy(e => e.Name, NameFolding.Comparer).ToDictionary(NameFolding.Comparer);
        return [.. echoes.Select(e => new OptionDocument(names[e.Name] > 1 ? Documents.WithAddress(e.Name, e.Serial ?? e.Id) : e.Name, $"echo:{e.Id}"))];
    }

    public SourceRef Read(Command command, GroupRun run)
    {
        var options = Of(run);
        var option = EchoOptions.Named(command.Value, options);
        if (!SourceRef.TryParse(option?.Value ?? command.Value, out var source) || source is null)
        {
            throw new RefusedException($"{CommandValues.Shown(command.Value)} is no source.{NearestNames.DidYouMean(command.Value, options.Select(o => o.Text))} A source is {Abilities.ThisVersion.SourceForms}, or one of: {string.Join(", ", options.Select(o => o.Text))}.");
        }

        if (Abilities.ThisVersion.WhyNot(source) is { } notYet) throw new RefusedException($"{notYet} Choose {Abilities.ThisVersion.SourceForms}.", "version");
        if (source.WhyUnclear is { } unclear) throw new RefusedException($"{unclear.Text} {unclear.Remedy}");
        if (source.Kind != SourceKind.Echo) return source;
        var echoes = view.Registry.Effective.Echoes;
        var byName = echoes.Where(e => e.Id == source.Argument || NameFolding.Same(e.Name, source.Argument)).ToList();
        var match = byName.FirstOrDefault(e => e.Id == source.Argument) ?? (byName.Count == 1 ? byName[0] : null);
        if (match is null) throw new RefusedException($"No Echo is called {CommandValues.Shown(source.Argument ?? "")}.{NearestNames.DidYouMean(source.Argument ?? "", echoes.Select(e => e.Name))}");
        return source with { Argument = match.Id };
    }
}

using System.Globalization;
using System.Reflection;

namespace Imagic.Torch.Tests.Surface;

/// <summary>Writes public members the way torchsharp.json does.</summary>
static class Rendering
{
    const BindingFlags Declared =
        BindingFlags.Public | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    public static IEnumerable<string> Members(Type type) => type.IsEnum
        ? Enum.GetNames(type)
        : type.GetMembers(Declared).Where(IsWritten).Select(Member);

    public static string Name(Type type)
    {
        if (type.IsByRef)
            return "ref " + Name(type.GetElementType()!);
        if (type.IsArray)
            return Name(type.GetElementType()!) + "[]";
        if (Nullable.GetUnderlyingType(type) is { } underlying)
            return Name(underlying) + "?";
        if (type.IsGenericParameter)
            return type.Name;
        var arguments = type.GetGenericArguments();
        var name = type.DeclaringType is { } outer ? $"{Name(outer)}.{type.Name}"
            : type.Namespace == "System" ? type.Name
            : $"{type.Namespace}.{type.Name}";
        return arguments.Length == 0 ? name : $"{name.Split('`')[0]}<{string.Join(",", arguments.Select(Name))}>";
    }

    /// <summary>Accessors are written with their property, nested types as types of their own.</summary>
    static bool IsWritten(MemberInfo member) => member switch
    {
        MethodInfo method => !method.IsSpecialName || method.Name.StartsWith("op_", StringComparison.Ordinal),
        Type => false,
        _ => true,
    };

    static string Member(MemberInfo member) => member switch
    {
        ConstructorInfo constructor => $".ctor({Parameters(constructor.GetParameters())})",
        MethodInfo method => Static(method)
            + $"{Name(method.ReturnType)} {method.Name}{TypeParameters(method)}({Parameters(method.GetParameters())})",
        PropertyInfo property => Property(property),
        FieldInfo field => $"{(field.IsStatic ? "static " : "")}{Name(field.FieldType)} {field.Name}",
        _ => throw new NotSupportedException($"{member.MemberType} {member}"),
    };

    static string Property(PropertyInfo property)
    {
        var index = property.GetIndexParameters();
        return Static(property.GetAccessors()[0]) + Name(property.PropertyType) + " " + property.Name
            + (index.Length > 0 ? $"[{Parameters(index)}]" : "")
            + (property.GetMethod is { IsPublic: true } ? " { get;" : " {")
            + (property.SetMethod is { IsPublic: true } ? " set; }" : " }");
    }

    static string Static(MethodBase method) => method.IsStatic ? "static " : "";

    static string TypeParameters(MethodInfo method) => method.IsGenericMethodDefinition
        ? $"<{string.Join(",", method.GetGenericArguments().Select(Name))}>"
        : "";

    static string Parameters(IEnumerable<ParameterInfo> parameters) => string.Join(", ", parameters.Select(p =>
        $"{Name(p.ParameterType)} {p.Name}"
        + (p.HasDefaultValue ? $" = {Convert.ToString(p.DefaultValue, CultureInfo.InvariantCulture) switch
        {
            null or "" => "null",
            var text when p.ParameterType == typeof(string) => $"\"{text}\"",
            var text => text,
        }}" : "")));
}
